/*
** connection.c: see connection.h. A request goes HEAD -> BODY -> (WAITING ->)*
** ANSWERED. The rules are asked once the body is there, and about a PUT
** already at its head. MHD_NO from 'step' closes the connection without an answer.
*/
#include <lauxlib.h>
#include <string.h>

#include "connection.h"
#include "service.h"

#define PEER_CHECK 0.2  /* seconds between two looks at a peer that waits */


void *novita_exchange_begin (void *cls, const char *target,
                             struct MHD_Connection *connection) {
  const struct novita_service *s = cls;
  struct novita_inquiry *r = novita_inquiry_new(target, s->body_limit);
  if (r != NULL) r->nap.connection = connection;
  return r;
}


static enum MHD_Result nap (struct novita_service *s,
                            struct novita_inquiry *r, double seconds) {
  r->phase = NOVITA_WAITING;
  return novita_naps_add(&s->naps, &r->nap, seconds) == 0 ? MHD_YES : MHD_NO;
}


static enum MHD_Result send_answer (struct novita_inquiry *r,
                                    struct novita_answer *a) {
  enum MHD_Result sent =
    MHD_queue_response(r->nap.connection, a->status, a->response);
  MHD_destroy_response(a->response);
  r->phase = NOVITA_ANSWERED;
  return sent;
}


static enum MHD_Result carry_out (struct novita_service *s,
                                  struct novita_inquiry *r,
                                  struct novita_answer *a) {
  switch (a->act) {
    case NOVITA_READ:
      r->cut = a->cut;
      return MHD_YES;
    case NOVITA_SEND:
      return send_answer(r, a);
    case NOVITA_WAIT:
      r->next = a->next;
      return nap(s, r, a->seconds);
    case NOVITA_HANG:
      r->forever = 1;
      return nap(s, r, PEER_CHECK);
    case NOVITA_RESET:
      novita_answer_reset(r->nap.connection);
      return MHD_NO;
    default:
      return MHD_NO;
  }
}


static enum MHD_Result ask (struct novita_service *s,
                            struct novita_inquiry *r, const char *method) {
  struct novita_answer a;
  if (novita_rules_handle(&s->rules, &s->naps, r->nap.connection, method, r,
                          &a) != 0)
    return MHD_NO;
  return carry_out(s, r, &a);
}


static enum MHD_Result wake (struct novita_service *s,
                             struct novita_inquiry *r) {
  struct novita_answer a;
  int next = r->next;
  if (r->forever) {
    if (novita_answer_unwanted(r->nap.connection)) return MHD_NO;
    return nap(s, r, PEER_CHECK);
  }
  r->next = LUA_NOREF;
  if (novita_rules_resume(&s->rules, &s->naps, r->nap.connection, next,
                          &a) != 0)
    return MHD_NO;
  return carry_out(s, r, &a);
}


static const char *header (const struct novita_inquiry *r, const char *name) {
  return MHD_lookup_connection_value(r->nap.connection, MHD_HEADER_KIND, name);
}


/* An upload may be cut off by a fault before all of it is here. One that is
** too large and waits for our word is refused now; any other is let in and
** dropped, so that its sender is there to read the answer. */
static enum MHD_Result look_at_head (struct novita_service *s,
                                     struct novita_inquiry *r,
                                     const char *method) {
  enum MHD_Result ok = MHD_YES;
  novita_inquiry_expect(r, header(r, MHD_HTTP_HEADER_CONTENT_LENGTH));
  if (strcmp(method, MHD_HTTP_METHOD_PUT) == 0) ok = ask(s, r, method);
  if (r->phase == NOVITA_HEAD) r->phase = NOVITA_BODY;
  if (r->oversize && header(r, MHD_HTTP_HEADER_EXPECT) != NULL)
    return ask(s, r, method);
  return ok;
}


static enum MHD_Result take_body (struct novita_inquiry *r,
                                  const char *upload, size_t *upload_size) {
  size_t n = *upload_size;
  *upload_size = 0;
  if (r->phase != NOVITA_BODY) return MHD_YES;
  if (novita_inquiry_append(r, upload, n) != 0) return MHD_NO;
  if (r->received < r->cut) return MHD_YES;
  novita_answer_reset(r->nap.connection);
  return MHD_NO;
}


enum MHD_Result
novita_exchange_step (void *cls, struct MHD_Connection *connection,
                      const char *url, const char *method,
                      const char *version, const char *upload,
                      size_t *upload_size, void **con_cls) {
  struct novita_service *s = cls;
  struct novita_inquiry *r = *con_cls;
  (void)connection; (void)url; (void)version;
  if (r == NULL) return MHD_NO;
  if (r->phase == NOVITA_HEAD) return look_at_head(s, r, method);
  if (*upload_size > 0) return take_body(r, upload, upload_size);
  if (r->phase == NOVITA_WAITING) return wake(s, r);
  if (r->phase == NOVITA_BODY) return ask(s, r, method);
  return MHD_YES;
}


void novita_exchange_end (void *cls, struct MHD_Connection *connection,
                          void **con_cls,
                          enum MHD_RequestTerminationCode why) {
  struct novita_service *s = cls;
  struct novita_inquiry *r = *con_cls;
  (void)connection; (void)why;
  if (r == NULL) return;
  if (r->next != LUA_NOREF) novita_rules_forget(&s->rules, r->next);
  novita_inquiry_free(r);
  *con_cls = NULL;
}
