/*
** wire.c: see wire.h
*/
#define _POSIX_C_SOURCE 200809L
#include <string.h>
#include <unistd.h>

#include "../event/loop.h"
#include "wire.h"


void novita_wire_close (struct novita_wire *wire) {
  PGconn *handle = wire->handle;
  wire->handle = NULL;
  if (handle != NULL && wire->pid == getpid()) PQfinish(handle);
}


void novita_wire_free (struct novita_wire_op *w) {
  PQclear(w->result);
  w->result = NULL;
}


/* {====== the socket ====== */

static void unwatch (struct novita_wire_op *w) {
  if (w->fd >= 0) novita_loop_watch(w->op.loop, w->fd, 0, NULL, NULL);
  w->fd = -1;
}


static void on_ready (void *context, int fd, int events);


/* libpq may have closed its socket and opened another one. */
static int watch (struct novita_wire_op *w, int events) {
  int fd = PQsocket(w->wire->handle);
  if (fd != w->fd) unwatch(w);
  if (fd < 0 || novita_loop_watch(w->op.loop, fd, events, on_ready, w) != 0)
    return -1;
  w->fd = fd;
  return 0;
}

/* }====== */


/* {====== the end ====== */

static void leave (struct novita_wire_op *w) {
  unwatch(w);
  novita_timer_stop(w->op.loop, &w->timer);
  novita_timer_release(w->op.loop);
  w->wire->busy = false;
}


static void finish (struct novita_wire_op *w) {
  leave(w);
  novita_op_finish(&w->op);
}


/* libpq ends its messages with a line break */
static void describe (struct novita_error *e, enum novita_error_kind kind,
                      const char *code, const char *text) {
  size_t len = strlen(text);
  while (len > 0 && text[len - 1] == '\n') len--;
  novita_error_set(e, kind, code, "%.*s", (int)len, text);
}


/* the connection is of no more use */
static void fail (struct novita_wire_op *w, enum novita_error_kind kind,
                  const char *code, const char *text) {
  describe(&w->error, kind, code, text);
  leave(w);
  novita_wire_close(w->wire);
  novita_op_finish(&w->op);
}


static void fail_lost (struct novita_wire_op *w) {
  const char *text = PQerrorMessage(w->wire->handle);
  fail(w, NOVITA_ERROR_NETWORK, w->connecting ? "connect" : "lost",
       text == NULL || *text == '\0' ? "the connection was lost" : text);
}


static void on_late (struct novita_timer *timer) {
  struct novita_wire_op *w =
    NOVITA_CONTAINER_OF(timer, struct novita_wire_op, timer);
  fail(w, NOVITA_ERROR_TIMEOUT, "timeout",
       w->connecting ? "the database server does not answer"
                     : "the database server has not answered in time");
}


static void cancel (struct novita_op *op) {
  struct novita_wire_op *w = (struct novita_wire_op *)op;
  leave(w);
  novita_wire_close(w->wire);
}


static const struct novita_op_class wire_class = {"postgresql", cancel};

/* }====== */


/* {====== connecting ====== */

/* The next call may close the socket, whose number may then be another one's;
** so it is not watched meanwhile. */
static void go_on_connecting (struct novita_wire_op *w) {
  PostgresPollingStatusType next;
  int r = 0;
  unwatch(w);
  next = PQconnectPoll(w->wire->handle);
  if (next == PGRES_POLLING_READING) r = watch(w, NOVITA_POLLER_READ);
  else if (next == PGRES_POLLING_WRITING) r = watch(w, NOVITA_POLLER_WRITE);
  else if (next == PGRES_POLLING_FAILED) r = -1;
  if (r != 0) fail_lost(w);
  else if (next == PGRES_POLLING_OK) {
    PQsetnonblocking(w->wire->handle, 1);
    finish(w);
  }
}

/* }====== */


/* {====== a statement ====== */

static void note_error (struct novita_wire_op *w, const PGresult *result) {
  const char *text = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
  const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
  describe(&w->error, NOVITA_ERROR_API, "refused",
           text == NULL ? PQresultErrorMessage(result) : text);
  if (state != NULL) strncpy(w->state, state, sizeof w->state - 1);
}


/* -1: this result has no end, such as a COPY's */
static int keep (struct novita_wire_op *w, PGresult *result) {
  ExecStatusType status = PQresultStatus(result);
  PQclear(w->result);
  w->result = result;
  if (status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK) return 0;
  if (w->error.kind == NOVITA_ERROR_NONE) note_error(w, result);
  return status == PGRES_FATAL_ERROR || status == PGRES_EMPTY_QUERY ? 0 : -1;
}


/* what has arrived: 1 = everything, 0 = more will come, -1 = lost */
static int take (struct novita_wire_op *w) {
  PGresult *result;
  while (!PQisBusy(w->wire->handle)) {
    result = PQgetResult(w->wire->handle);
    if (result == NULL) return 1;
    if (keep(w, result) != 0) return -1;
  }
  return 0;
}


/* An error after which the server closes the connection is a lost one, but the
** server's own words say why. */
static void end (struct novita_wire_op *w) {
  if (PQstatus(w->wire->handle) != CONNECTION_OK) {
    w->error.kind = NOVITA_ERROR_NETWORK;
    w->error.code = "lost";
    leave(w);
    novita_wire_close(w->wire);
    novita_op_finish(&w->op);
  }
  else finish(w);
}


static void go_on_querying (struct novita_wire_op *w, int events) {
  int left = PQflush(w->wire->handle), ended = 0;
  if (left < 0) { fail_lost(w); return; }
  if (events & NOVITA_POLLER_READ) {
    int r = PQconsumeInput(w->wire->handle);
    ended = take(w);
    if (ended < 0 || (r == 0 && ended == 0)) { fail_lost(w); return; }
  }
  if (ended) end(w);
  else if (watch(w, NOVITA_POLLER_READ |
                    (left > 0 ? NOVITA_POLLER_WRITE : 0)) != 0)
    fail_lost(w);
}

/* }====== */


static void on_ready (void *context, int fd, int events) {
  struct novita_wire_op *w = context;
  (void)fd;
  if (w->connecting) go_on_connecting(w);
  else go_on_querying(w, events);
}


static int begin (struct novita_loop *loop, struct novita_wire_op *w,
                  double deadline, struct novita_error *e) {
  if (novita_timer_reserve(loop) != 0) return novita_error_set_memory(e);
  w->fd = -1;
  w->timer.fire = on_late;
  w->wire->busy = true;
  novita_op_begin(&w->op, &wire_class, loop);
  novita_timer_start(loop, &w->timer, deadline);
  return 0;
}


/* The server's notices would be printed. */
static void ignore_notice (void *context, const char *text) {
  (void)context; (void)text;
}


static int refuse (struct novita_wire *wire, struct novita_error *e) {
  if (wire->handle == NULL) return novita_error_set_memory(e);
  describe(e, NOVITA_ERROR_NETWORK, "connect", PQerrorMessage(wire->handle));
  novita_wire_close(wire);
  return -1;
}


int novita_wire_connect (struct novita_loop *loop, struct novita_wire_op *w,
                         const char *const *names, const char *const *values,
                         double deadline, struct novita_error *e) {
  w->wire->pid = getpid();
  w->wire->handle = PQconnectStartParams(names, values, 0);
  if (w->wire->handle == NULL ||
      PQstatus(w->wire->handle) == CONNECTION_BAD)
    return refuse(w->wire, e);
  PQsetNoticeProcessor(w->wire->handle, ignore_notice, NULL);
  w->connecting = true;
  if (begin(loop, w, deadline, e) != 0) return -1;
  if (watch(w, NOVITA_POLLER_WRITE) != 0) fail_lost(w);
  return 0;
}


int novita_wire_query (struct novita_loop *loop, struct novita_wire_op *w,
                       const char *sql, int count, const char *const *values,
                       double deadline, struct novita_error *e) {
  if (PQsendQueryParams(w->wire->handle, sql, count, NULL, values, NULL, NULL,
                        0) == 0) {
    describe(e, NOVITA_ERROR_NETWORK, "lost",
             PQerrorMessage(w->wire->handle));
    novita_wire_close(w->wire);
    return -1;
  }
  if (begin(loop, w, deadline, e) != 0) {
    novita_wire_close(w->wire);
    return -1;
  }
  go_on_querying(w, 0);
  return 0;
}
