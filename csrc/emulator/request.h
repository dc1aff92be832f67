/*
** request.h: one request as it comes in: the target as sent (signatures need
** every byte of it) and a body that is born with its limit.
*/
#ifndef novita_emulator_request_h
#define novita_emulator_request_h

#include <stddef.h>

#include "suspend.h"

enum novita_phase {
  NOVITA_PHASE_HEAD,     /* the headers are there, nothing was done yet */
  NOVITA_PHASE_BODY,     /* reading the body */
  NOVITA_PHASE_SUSPENDED,  /* asleep; 'next' says how it goes on */
  NOVITA_PHASE_RESPONDED
};

struct novita_emulator_request {
  enum novita_phase phase;
  char *target;          /* path and query, undecoded */
  char *body;            /* 'len' bytes, NULL when there are none */
  size_t len, size;
  size_t limit;          /* 'len' never passes this */
  int oversize;          /* the body would have passed its limit */
  size_t received;       /* bytes of the body that came, kept or not */
  size_t cut;            /* a fault: reset after so many; SIZE_MAX = never */
  int forever;           /* WAITING until the peer leaves */
  int next;              /* WAITING: registry reference of a function */
  struct novita_suspended suspended;
};

/* NULL without memory */
NOVITA_FUNC struct novita_emulator_request *novita_emulator_request_new (const char *target,
                                                       size_t limit);
NOVITA_FUNC void novita_emulator_request_free (struct novita_emulator_request *r);

/* learn the announced length, so that the body is allocated once */
NOVITA_FUNC void novita_emulator_request_expect (struct novita_emulator_request *r,
                                        const char *content_length);

/* bytes past the limit are dropped and 'oversize' is set; -1 only without
** memory */
NOVITA_FUNC int novita_emulator_request_append (struct novita_emulator_request *r,
                                       const char *bytes, size_t n);

#endif
