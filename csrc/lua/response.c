/*
** response.c: see response.h
*/
#include <lua.h>

#include "../http/curl_error.h"
#include "response.h"
#include "error.h"


void novita_lua_response_set_fields (lua_State *L, long status,
                                     double retry_after,
                                     const struct novita_buffer *body) {
  if (status != 0) {
    lua_pushinteger(L, status);
    lua_setfield(L, -2, "status");
  }
  if (retry_after > 0) {
    lua_pushnumber(L, retry_after);
    lua_setfield(L, -2, "retry_after");
  }
  lua_pushlstring(L, body->data != NULL ? body->data : "", body->len);
  lua_setfield(L, -2, "body");
}


int novita_lua_response_push (lua_State *L,
                              const struct novita_request *request) {
  const struct novita_request_result *result = &request->result;
  lua_createtable(L, 0, 7);
  novita_lua_response_set_fields(L, result->status, result->retry_after,
                                 &result->response);
  lua_pushinteger(L, result->attempts);
  lua_setfield(L, -2, "attempts");
  if (result->date >= 0) {
    lua_pushinteger(L, result->date);
    lua_setfield(L, -2, "date");
  }
  lua_pushstring(L, result->content_range);
  lua_setfield(L, -2, "content_range");
  lua_pushstring(L, result->etag);
  lua_setfield(L, -2, "etag");
  if (result->emulator[0] != '\0') {
    lua_pushstring(L, result->emulator);
    lua_setfield(L, -2, "emulator");
  }
  return 1;
}


int novita_lua_response_push_pause (lua_State *L,
                                    const struct novita_request *request) {
  const struct novita_request_result *result = &request->result;
  lua_pushinteger(L, result->attempts + 1);
  lua_pushinteger(L, request->state.pool->retry.attempts);
  if (result->error.kind != NOVITA_ERROR_NONE)
    lua_pushstring(L, result->error.text);
  else
    lua_pushfstring(L, "%s:%d answered %d", result->origin.host,
                    result->origin.port, (int)result->status);
  return 3;
}


int novita_lua_response_push_failure (lua_State *L,
                                      const struct novita_error *e,
                                      const struct novita_request *request) {
  /* To repeat such a request could pay twice: it is not retryable, as of
  ** 'mark_ambiguous' in novita.base.error. */
  bool ambiguous = (request->options.flags & NOVITA_REQUEST_PAID) != 0 &&
                   request->result.sent;
  int n = novita_lua_error_return(L, e);
  lua_pushinteger(L, request->result.attempts);
  lua_setfield(L, -2, "attempts");
  lua_pushboolean(L, !ambiguous && novita_curl_error_may_pass(e));
  lua_setfield(L, -2, "retryable");
  if (ambiguous) {
    lua_pushboolean(L, 1);
    lua_setfield(L, -2, "ambiguous");
  }
  return n;
}
