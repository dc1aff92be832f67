/*
** error.h: an error, as a kind for programs, a code for programs that need
** more detail, and one readable line for people.
**
** A function that can fail takes a 'struct novita_error *' as its last
** parameter, fills it with novita_error_set and returns its result (-1).
** Texts are formatted here only; callers never put a secret in them.
*/
#ifndef novita_base_error_h
#define novita_base_error_h

#include "func.h"

enum novita_error_kind {
  NOVITA_ERROR_NONE = 0,
  NOVITA_ERROR_NETWORK,    /* no response: resolve, connect, reset, cut */
  NOVITA_ERROR_TLS,        /* certificate or handshake */
  NOVITA_ERROR_TIMEOUT,    /* our deadline has passed */
  NOVITA_ERROR_HTTP,       /* a status that does not come from the API itself */
  NOVITA_ERROR_API,        /* the API refused, with its own error */
  NOVITA_ERROR_PROTOCOL,   /* a response that does not follow the protocol */
  NOVITA_ERROR_IMAGE,      /* an unusable image */
  NOVITA_ERROR_FILE,       /* the file system refused */
  NOVITA_ERROR_CANCELED,   /* the caller canceled */
  NOVITA_ERROR_MEMORY      /* malloc failed */
};

struct novita_error {
  enum novita_error_kind kind;
  const char *code;  /* static word such as "refused"; never NULL once set */
  char text[256];    /* one line; a longer one has "..." in its middle */
};

/* the name scripts see: "network", "tls", ... */
NOVITA_FUNC const char *novita_error_kind_name (enum novita_error_kind kind);

/* fill 'e' (which may be NULL) and return -1; 'code' must be static */
NOVITA_FUNC int novita_error_set (struct novita_error *e,
                                  enum novita_error_kind kind,
                                  const char *code, const char *fmt, ...)
  NOVITA_PRINTF(4, 5);

/* the error of a failed malloc */
NOVITA_FUNC int novita_error_set_memory (struct novita_error *e);

NOVITA_FUNC void novita_error_clear (struct novita_error *e);

#endif
