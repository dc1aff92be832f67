/*
** request.h: one incoming request: the target as sent (signatures cover every
** byte of it), and a body with a limit.
*/
#ifndef novita_httpd_request_h
#define novita_httpd_request_h

#include <stddef.h>

#include "spool.h"
#include "suspend.h"

enum novita_phase {
  NOVITA_PHASE_HEAD,       /* the headers have arrived, nothing is done yet */
  NOVITA_PHASE_BODY,       /* reading the body */
  NOVITA_PHASE_SUSPENDED,  /* waiting; then 'next' is called */
  NOVITA_PHASE_RESPONDED
};

struct novita_httpd_request {
  enum novita_phase phase;
  char *target;          /* path and query, undecoded */
  char *body;            /* 'len' bytes; NULL if empty */
  size_t len, size;
  struct novita_spool spool;  /* the body's file instead of 'body' */
  size_t limit;          /* the body never exceeds this */
  int oversize;          /* the body would exceed its limit */
  int dropped;           /* the rules do not want the body */
  size_t received;       /* bytes of the body that arrived, kept or not */
  size_t cut;            /* bytes after which 'next' is called; SIZE_MAX */
  int next;              /* registry reference of a function; LUA_NOREF: none */
  struct novita_suspended suspended;
};

/* NULL on out-of-memory */
NOVITA_FUNC struct novita_httpd_request *
novita_httpd_request_new (const char *target, size_t limit);
NOVITA_FUNC void
novita_httpd_request_free (struct novita_httpd_request *r);

/* take the announced length, so that the body is allocated once */
NOVITA_FUNC void
novita_httpd_request_expect (struct novita_httpd_request *r,
                                const char *content_length);

/* write the body to this new file, which is removed with the request. Owns
** 'path', which is from malloc */
NOVITA_FUNC void
novita_httpd_request_spool (struct novita_httpd_request *r, char *path);

/* bytes past the limit are dropped and 'oversize' is set; -1 only on
** out-of-memory */
NOVITA_FUNC int
novita_httpd_request_append (struct novita_httpd_request *r,
                                const char *bytes, size_t n);

#endif
