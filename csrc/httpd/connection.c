/*
** connection.c: see connection.h. The phases of a request are HEAD -> BODY ->
** (SUSPENDED ->)* RESPONDED. The rules get it when its body has arrived, and a
** request with a body also when its head has arrived. If 'step' returns MHD_NO,
** the connection is closed without a response.
*/
#include <lauxlib.h>
#include <string.h>

#include "connection.h"
#include "server.h"

void *novita_connection_begin (void *cls, const char *target,
                               struct MHD_Connection *connection) {
  const struct novita_httpd *s = cls;
  struct novita_httpd_request *r =
    novita_httpd_request_new(target, s->body_limit);
  if (r != NULL) r->suspended.connection = connection;
  return r;
}


static enum MHD_Result suspend (struct novita_httpd *s,
                                struct novita_httpd_request *r,
                                double seconds) {
  r->phase = NOVITA_PHASE_SUSPENDED;
  return novita_suspend_add(&s->suspend, &r->suspended, seconds) == 0
           ? MHD_YES : MHD_NO;
}


static enum MHD_Result send_response (struct novita_httpd_request *r,
                                      struct novita_httpd_response *a) {
  enum MHD_Result sent =
    MHD_queue_response(r->suspended.connection, a->status, a->response);
  MHD_destroy_response(a->response);
  r->phase = NOVITA_PHASE_RESPONDED;
  return sent;
}


static enum MHD_Result carry_out (struct novita_httpd *s,
                                  struct novita_httpd_request *r,
                                  struct novita_httpd_response *a) {
  r->next = a->next;
  switch (a->act) {
    case NOVITA_ACTION_READ:
      r->cut = a->cut;
      r->dropped = a->drop;
      if (a->file != NULL) novita_httpd_request_spool(r, a->file);
      return MHD_YES;
    case NOVITA_ACTION_SEND:
      return send_response(r, a);
    case NOVITA_ACTION_WAIT:
      return suspend(s, r, a->seconds);
    default:
      return MHD_NO;
  }
}


static enum MHD_Result handle (struct novita_httpd *s,
                               struct novita_httpd_request *r,
                               const char *method) {
  struct novita_httpd_response a = {0};
  if (r->next != LUA_NOREF) {  /* the body ended before its cut */
    novita_rules_forget(&s->rules, r->next);
    r->next = LUA_NOREF;
  }
  novita_spool_end(&r->spool);
  if (novita_rules_handle(&s->rules, &s->suspend, method, r, &a) != 0)
    return MHD_NO;
  return carry_out(s, r, &a);
}


static enum MHD_Result resume (struct novita_httpd *s,
                               struct novita_httpd_request *r) {
  struct novita_httpd_response a = {0};
  int next = r->next;
  r->next = LUA_NOREF;
  if (novita_rules_resume(&s->rules, &s->suspend, r->suspended.connection,
                          next, &a) != 0)
    return MHD_NO;
  return carry_out(s, r, &a);
}


static const char *header (const struct novita_httpd_request *r,
                           const char *name) {
  return MHD_lookup_connection_value(r->suspended.connection, MHD_HEADER_KIND,
                                     name);
}


static int has_body (const struct novita_httpd_request *r) {
  return header(r, MHD_HTTP_HEADER_CONTENT_LENGTH) != NULL ||
         header(r, MHD_HTTP_HEADER_TRANSFER_ENCODING) != NULL;
}


/* A request that is too large, or whose body the rules do not want, gets its
** response now if it waits for 100 Continue. Otherwise its bytes are read and
** dropped, so that the sender then reads the response. */
static enum MHD_Result handle_head (struct novita_httpd *s,
                                    struct novita_httpd_request *r,
                                    const char *method) {
  enum MHD_Result ok = MHD_YES;
  if (has_body(r)) ok = handle(s, r, method);
  if (r->phase == NOVITA_PHASE_HEAD) r->phase = NOVITA_PHASE_BODY;
  novita_httpd_request_expect(r, header(r, MHD_HTTP_HEADER_CONTENT_LENGTH));
  if ((r->oversize || r->dropped) &&
      header(r, MHD_HTTP_HEADER_EXPECT) != NULL)
    return handle(s, r, method);
  return ok;
}


static enum MHD_Result take_body (struct novita_httpd *s,
                                  struct novita_httpd_request *r,
                                  const char *upload, size_t *upload_size) {
  size_t n = *upload_size;
  *upload_size = 0;
  if (r->phase != NOVITA_PHASE_BODY) return MHD_YES;
  if (novita_httpd_request_append(r, upload, n) != 0) return MHD_NO;
  return r->received < r->cut ? MHD_YES : resume(s, r);
}


enum MHD_Result
novita_connection_step (void *cls, struct MHD_Connection *connection,
                        const char *url, const char *method,
                        const char *version, const char *upload,
                        size_t *upload_size, void **con_cls) {
  struct novita_httpd *s = cls;
  struct novita_httpd_request *r = *con_cls;
  (void)connection; (void)url; (void)version;
  if (r == NULL) return MHD_NO;
  if (r->phase == NOVITA_PHASE_HEAD) return handle_head(s, r, method);
  if (*upload_size > 0) return take_body(s, r, upload, upload_size);
  if (r->phase == NOVITA_PHASE_SUSPENDED) return resume(s, r);
  if (r->phase == NOVITA_PHASE_BODY) return handle(s, r, method);
  return MHD_YES;
}


void novita_connection_end (void *cls, struct MHD_Connection *connection,
                            void **con_cls,
                            enum MHD_RequestTerminationCode why) {
  struct novita_httpd *s = cls;
  struct novita_httpd_request *r = *con_cls;
  (void)connection; (void)why;
  if (r == NULL) return;
  if (r->next != LUA_NOREF) novita_rules_forget(&s->rules, r->next);
  novita_httpd_request_free(r);
  *con_cls = NULL;
}
