/*
** error.h: what went wrong, as a kind for programs, a code for programs that
** want to know more, and one readable line for people.
**
** A function that can fail takes a 'struct novita_error *' as its last
** parameter, fills it with novita_fail and returns what novita_fail returns
** (-1). Text is made here and nowhere else; callers never put a secret in it.
*/
#ifndef novita_base_error_h
#define novita_base_error_h

#include "func.h"

enum novita_kind {
  NOVITA_OK = 0,
  NOVITA_NETWORK,    /* no answer: resolve, connect, reset, cut */
  NOVITA_TLS,        /* certificate or handshake */
  NOVITA_TIMEOUT,    /* a deadline of ours passed */
  NOVITA_HTTP,       /* an answer with a status that is not the API's own */
  NOVITA_API,        /* the API refused, in its own words */
  NOVITA_PROTOCOL,   /* an answer that is not what was agreed */
  NOVITA_IMAGE,      /* a picture that cannot be used */
  NOVITA_FILE,       /* the file system said no */
  NOVITA_CANCELLED,  /* the caller gave up */
  NOVITA_MEMORY      /* malloc said no */
};

struct novita_error {
  enum novita_kind kind;
  const char *code;  /* static word such as "refused"; never NULL once set */
  char text[256];    /* one line, cut with "..." when longer */
};

/* the name scripts see: "network", "tls", ... */
NOVITA_FUNC const char *novita_kind_name (enum novita_kind kind);

/* fill 'e' (which may be NULL) and return -1; 'code' must be static */
NOVITA_FUNC int novita_fail (struct novita_error *e, enum novita_kind kind,
                             const char *code, const char *fmt, ...)
  NOVITA_PRINTF(4, 5);

/* the one sentence for a failed malloc */
NOVITA_FUNC int novita_fail_memory (struct novita_error *e);

NOVITA_FUNC void novita_error_clear (struct novita_error *e);

#endif
