/*
** error.h: what went wrong, as a kind for programs, a code for programs that
** want to know more, and one readable line for people.
**
** A function that can fail takes a 'struct novita_error *' as its last
** parameter, fills it with novita_error_set and returns what novita_error_set returns
** (-1). Text is made here and nowhere else; callers never put a secret in it.
*/
#ifndef novita_base_error_h
#define novita_base_error_h

#include "func.h"

enum novita_error_kind {
  NOVITA_ERROR_NONE = 0,
  NOVITA_ERROR_NETWORK,    /* no answer: resolve, connect, reset, cut */
  NOVITA_ERROR_TLS,        /* certificate or handshake */
  NOVITA_ERROR_TIMEOUT,    /* a deadline of ours passed */
  NOVITA_ERROR_HTTP,       /* an answer with a status that is not the API's own */
  NOVITA_ERROR_API,        /* the API refused, in its own words */
  NOVITA_ERROR_PROTOCOL,   /* an answer that is not what was agreed */
  NOVITA_ERROR_IMAGE,      /* a picture that cannot be used */
  NOVITA_ERROR_FILE,       /* the file system said no */
  NOVITA_ERROR_CANCELED,  /* the caller gave up */
  NOVITA_ERROR_MEMORY      /* malloc said no */
};

struct novita_error {
  enum novita_error_kind kind;
  const char *code;  /* static word such as "refused"; never NULL once set */
  char text[256];    /* one line, cut with "..." when longer */
};

/* the name scripts see: "network", "tls", ... */
NOVITA_FUNC const char *novita_error_kind_name (enum novita_error_kind kind);

/* fill 'e' (which may be NULL) and return -1; 'code' must be static */
NOVITA_FUNC int novita_error_set (struct novita_error *e, enum novita_error_kind kind,
                             const char *code, const char *fmt, ...)
  NOVITA_PRINTF(4, 5);

/* the one sentence for a failed malloc */
NOVITA_FUNC int novita_error_set_memory (struct novita_error *e);

NOVITA_FUNC void novita_error_clear (struct novita_error *e);

#endif
