/*
** download.c: client:download(continuation, options) -> op | nil, err
**   options.url
**   options.path      the file, or
**   options.part      a core.part_file, which gets the whole file
**   options.first, options.last   ask only for these bytes of it, from 0; the
**                     part keeps its 'first' bytes
**   options.limit     bytes of this response
**   options.timeout   seconds
**   options.is_image  a web page instead of an image is an error
** Result: the path, or nil, err; if the server refused the download, err has
** 'status' and 'body'. For a part, the response as that of client:request; its
** body is in the part if the status is 200 or 206; or nil, err. A server that
** sends the whole file instead of a range that does not begin with it is an
** error with the code "too_big".
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>
#include <string.h>

#include "../http/download.h"
#include "response.h"
#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "part_file.h"
#include "core.h"


static int refused (lua_State *L, struct novita_download *d) {
  struct novita_error e;
  int n;
  novita_error_set(&e, NOVITA_ERROR_HTTP, "status",
                   "%s:%d answered %ld to the download",
                   d->request.result.origin.host,
                   d->request.result.origin.port, d->request.result.status);
  n = novita_lua_response_push_failure(L, &e, &d->request);
  novita_lua_response_set_fields(L, d->request.result.status,
                                 d->request.result.retry_after,
                                 &d->request.result.response);
  return n;
}


static int download_results (lua_State *L, void *op) {
  struct novita_download *d = op;
  if (d->error.kind != NOVITA_ERROR_NONE)
    return novita_lua_response_push_failure(L, &d->error, &d->request);
  if (d->path == NULL) return novita_lua_response_push(L, &d->request);
  if (d->request.result.status != 200) return refused(L, d);
  lua_pushstring(L, d->path);
  return 1;
}


static int download_events (lua_State *L, void *op) {
  return novita_lua_response_push_pause(
    L, &((struct novita_download *)op)->request);
}


static void download_release (void *op) {
  novita_download_free(op);
}


static const struct novita_lua_op_type download_kind = {
  "novita.core.download", download_results, download_events, download_release,
  false, false
};


static uint64_t position (lua_State *L, const char *name) {
  lua_Integer at;
  lua_getfield(L, 3, name);
  at = luaL_optinteger(L, -1, 0);
  luaL_argcheck(L, at >= 0, 3, "the first and the last byte must be >= 0");
  return (uint64_t)at;
}


/* The options are at index 3. */
static int start (lua_State *L, struct novita_lua_client *client,
                  struct novita_download *d, struct novita_error *e) {
  const char *path;
  if (lua_getfield(L, 3, "part") != LUA_TNIL) {
    int fd = novita_lua_part_file_check_fd(L, -1);
    uint64_t first = position(L, "first"), last = position(L, "last");
    novita_lua_client_handle_hold(L, 4);
    return novita_download_start_into(&client->pool, d, fd, first, last, e);
  }
  lua_getfield(L, 3, "path");
  path = luaL_checkstring(L, -1);  /* the table keeps it */
  novita_lua_client_handle_hold(L, 4);
  return novita_download_start(&client->pool, d, path, e);
}


int novita_lua_download (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  struct novita_download *d;
  struct novita_error e;
  luaL_checktype(L, 3, LUA_TTABLE);
  lua_settop(L, 3);
  d = novita_lua_op_new(L, &download_kind, sizeof *d);
  novita_download_init(d);
  lua_getfield(L, 3, "url");
  d->request.options.url = strdup(luaL_checkstring(L, -1));
  if (d->request.options.url == NULL) return novita_lua_error_raise_memory(L);
  lua_getfield(L, 3, "limit");
  d->request.options.sink_limit = (uint64_t)luaL_checknumber(L, -1);
  lua_getfield(L, 3, "timeout");
  d->request.options.deadline = novita_lua_op_check_deadline(L, -1);
  lua_getfield(L, 3, "is_image");
  d->is_image = lua_toboolean(L, -1);
  if (start(L, client, d, &e) != 0)
    return novita_lua_client_handle_drop(L, &e);
  return 1;
}


void novita_lua_download_kind (lua_State *L) {
  novita_lua_op_kind(L, &download_kind, NULL);
}
