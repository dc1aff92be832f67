/*
** request.c: client:request(continuation, options) -> op | nil, err
**   options.method   "GET" | "POST"
**   options.url      the whole URL
**   options.body     string, for POST
**   options.authenticated  an API request: sent with the key if the origin is
**                    the API's. Other requests follow redirects and fail if
**                    the transfer is too slow
**   options.paid     costs money: sent at most once
**   options.limit    maximum bytes of the response
**   options.timeout  seconds for all attempts together
**   options.attempt_timeout  seconds for each attempt
**   options.send_by  a time of core.boot_time(): later, nothing is sent
**   options.watchdog  with send_by: a process that is stopped before the
**                    network has the request, and wakes later, is killed
** Result: { status =, body =, date =, retry_after =, attempts =,
** content_range =, etag = } or nil, err.
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "../http/request_op.h"
#include "response.h"
#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "core.h"

#define RESPONSE_LIMIT (8 * 1024 * 1024)


static int request_results (lua_State *L, void *op) {
  struct novita_request_op *r = op;
  struct novita_request *request = &r->request;
  if (request->result.error.kind != NOVITA_ERROR_NONE)
    return novita_lua_response_push_failure(L, &request->result.error, request);
  return novita_lua_response_push(L, request);
}


static int request_events (lua_State *L, void *op) {
  return novita_lua_response_push_pause(
    L, &((struct novita_request_op *)op)->request);
}


static void request_release (void *op) {
  novita_request_op_free(op);
}


static const struct novita_lua_op_type request_kind = {
  "novita.core.request", request_results, request_events, request_release,
  false, true
};


static bool flag (lua_State *L, const char *name) {
  bool on;
  lua_getfield(L, 3, name);
  on = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return on;
}


static double seconds (lua_State *L, const char *name, double unset) {
  double s;
  lua_getfield(L, 3, name);
  s = luaL_optnumber(L, -1, unset);
  if (s != s) luaL_error(L, "%s is not a number of seconds", name);
  lua_pop(L, 1);
  return s;
}


static char *copy_field (lua_State *L, const char *name) {
  char *copy;
  lua_getfield(L, 3, name);
  copy = strdup(luaL_checkstring(L, -1));
  if (copy == NULL) novita_lua_error_raise_memory(L);
  lua_pop(L, 1);
  return copy;
}


/* The op is on the top and keeps the string alive. */
static void read_body (lua_State *L, struct novita_request *request) {
  size_t n;
  lua_getfield(L, 3, "body");
  request->options.body.bytes = luaL_optlstring(L, -1, "", &n);
  request->options.body.len = n;
  novita_lua_op_anchor(L, -2, -1);
  lua_pop(L, 1);
}


static void read_options (lua_State *L, struct novita_request *request) {
  static const char *const names[] = {"GET", "POST", NULL};
  static const enum novita_method methods[] = {
    NOVITA_METHOD_GET, NOVITA_METHOD_POST
  };
  double timeout = seconds(L, "timeout", NOVITA_NEVER);
  lua_getfield(L, 3, "method");
  request->options.method = methods[luaL_checkoption(L, -1, "GET", names)];
  lua_pop(L, 1);
  request->options.flags =
    (flag(L, "authenticated") ? NOVITA_REQUEST_AUTHENTICATED
                              : NOVITA_REQUEST_REDIRECTS |
                                NOVITA_REQUEST_BULK) |
    (flag(L, "paid") ? NOVITA_REQUEST_PAID : 0);
  request->options.try_seconds = seconds(L, "attempt_timeout", 0);
  request->options.send_by = seconds(L, "send_by", NOVITA_NEVER);
  if (request->options.send_by < NOVITA_NEVER && flag(L, "watchdog"))
    request->options.flags |= NOVITA_REQUEST_WATCHDOG;
  if (timeout < NOVITA_NEVER)
    request->options.deadline = novita_clock_now() + timeout;
  read_body(L, request);
  request->options.url = copy_field(L, "url");
}


int novita_lua_request (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  struct novita_request_op *r;
  struct novita_error e;
  size_t limit;
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  limit = (size_t)seconds(L, "limit", RESPONSE_LIMIT);
  r = novita_lua_op_new(L, &request_kind, sizeof *r);
  novita_request_op_init(r, limit);
  read_options(L, &r->request);
  novita_lua_client_handle_hold(L, 4);
  if (novita_request_op_start(&client->pool, r, &e) != 0)
    return novita_lua_client_handle_drop(L, &e);
  return 1;
}


void novita_lua_request_kind (lua_State *L) {
  novita_lua_op_kind(L, &request_kind, NULL);
}
