/*
** wire.h: a connection to a PostgreSQL server, and what is under way on it, as
** an op: connecting, or one statement. Nothing waits: libpq's socket is a
** descriptor of the loop. (Only the name of a host is looked up by libpq while
** it starts to connect.)
**
** There is no state of a session: statements have no name and no preparation,
** so a pooler may give each of them, or each transaction, another server.
*/
#ifndef novita_postgresql_wire_h
#define novita_postgresql_wire_h

#include <libpq-fe.h>
#include <stdbool.h>
#include <sys/types.h>

#include "../base/error.h"
#include "../event/op.h"
#include "../event/timer.h"

#define NOVITA_WIRE_STATE 6   /* bytes of a SQLSTATE, with its NUL */

struct novita_wire {
  PGconn *handle;   /* NULL: closed. That happens too if an op is canceled or
                    ** late: whether its statement has run is unknown. */
  bool busy;        /* an op is under way */
  pid_t pid;        /* the process that opened it: a child must not close it */
};

struct novita_wire_op {
  struct novita_op op;       /* first member */
  struct novita_timer timer;
  struct novita_wire *wire;  /* outlives the op */
  int fd;                    /* that is watched; -1: none */
  bool connecting;
  PGresult *result;          /* of a statement */
  struct novita_error error; /* kind NOVITA_ERROR_NONE: none */
  char state[NOVITA_WIRE_STATE];  /* the SQLSTATE of an error, or "" */
};

/* connect with these NULL-terminated lists; -1 and 'e': it did not start */
NOVITA_FUNC int novita_wire_connect (struct novita_loop *loop,
                                     struct novita_wire_op *w,
                                     const char *const *names,
                                     const char *const *values,
                                     double deadline, struct novita_error *e);

/* send one statement with 'count' values as text (NULL is NULL) */
NOVITA_FUNC int novita_wire_query (struct novita_loop *loop,
                                   struct novita_wire_op *w, const char *sql,
                                   int count, const char *const *values,
                                   double deadline, struct novita_error *e);

/* free what an op holds that has finished or was canceled; may be called twice,
** and on zeros */
NOVITA_FUNC void novita_wire_free (struct novita_wire_op *w);

/* close at once; may be called twice. In a child made by fork it does
** nothing: the server would end the session of the parent. */
NOVITA_FUNC void novita_wire_close (struct novita_wire *wire);

#endif
