/*
** response.c: see response.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "response.h"
#include "stream.h"


/* the table on the top is { name, value, name, value, ... } */
static int add_headers (lua_State *L, struct MHD_Response *response) {
  lua_Integer i, n = (lua_Integer)lua_rawlen(L, -1);
  int ok = 1;
  for (i = 1; i < n && ok; i += 2) {
    const char *name, *value;
    lua_rawgeti(L, -1, i);
    lua_rawgeti(L, -2, i + 1);
    name = lua_tostring(L, -2);
    value = lua_tostring(L, -1);
    ok = name != NULL && value != NULL &&
         MHD_add_response_header(response, name, value) == MHD_YES;
    lua_pop(L, 2);
  }
  return ok ? 0 : -1;
}


static struct MHD_Response *from_body (lua_State *L) {
  struct MHD_Response *response;
  union { const char *in; void *out; } bytes;  /* the API has no const */
  size_t len = 0;
  lua_getfield(L, -1, "body");
  bytes.in = lua_tolstring(L, -1, &len);
  if (bytes.in == NULL) bytes.in = "";
  response = MHD_create_response_from_buffer(len, bytes.out,
                                             MHD_RESPMEM_MUST_COPY);
  lua_pop(L, 1);
  return response;
}


static uint64_t size_field (lua_State *L, const char *name) {
  lua_Integer n;
  lua_getfield(L, -1, name);
  n = lua_tointeger(L, -1);
  lua_pop(L, 1);
  return n > 0 ? (uint64_t)n : 0;
}


/* the response closes the file */
static struct MHD_Response *from_file (lua_State *L) {
  struct MHD_Response *response;
  int fd;
  lua_getfield(L, -1, "file");
  fd = open(luaL_checkstring(L, -1), O_RDONLY | O_CLOEXEC);
  if (fd < 0)
    luaL_error(L, "cannot open %s: %s", lua_tostring(L, -1), strerror(errno));
  lua_pop(L, 1);
  response = MHD_create_response_from_fd_at_offset64(
    size_field(L, "length"), fd, size_field(L, "first"));
  if (response == NULL) close(fd);
  return response;
}


static struct MHD_Response *
from_stream (lua_State *L, const struct novita_httpd_context *context) {
  uint64_t length = MHD_SIZE_UNKNOWN;
  int producer, ended;
  if (lua_getfield(L, -1, "length") == LUA_TNUMBER)
    length = (uint64_t)lua_tointeger(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, -1, "stream");
  producer = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_getfield(L, -1, "ended");
  ended = luaL_ref(L, LUA_REGISTRYINDEX);
  return novita_stream_new(context->in, context->suspend,
                           context->connection, producer, ended, length);
}


static int has_field (lua_State *L, const char *name) {
  int there = lua_getfield(L, -1, name) != LUA_TNIL;
  lua_pop(L, 1);
  return there;
}


static struct MHD_Response *
make_response (lua_State *L, const struct novita_httpd_context *context) {
  if (has_field(L, "stream")) return from_stream(L, context);
  return has_field(L, "file") ? from_file(L) : from_body(L);
}


static int read_response (lua_State *L, struct novita_httpd_response *a,
                          const struct novita_httpd_context *context) {
  int ok = 0;
  a->act = NOVITA_ACTION_SEND;
  lua_getfield(L, -1, "status");
  a->status = (unsigned)lua_tointeger(L, -1);
  lua_pop(L, 1);
  if (a->status < 100 || a->status > 999) return -1;
  a->response = make_response(L, context);
  if (a->response == NULL) return -1;
  if (lua_getfield(L, -1, "headers") == LUA_TTABLE)
    ok = add_headers(L, a->response);
  lua_pop(L, 1);
  if (ok == 0) return 0;
  MHD_destroy_response(a->response);
  a->response = NULL;
  return -1;
}


/* the value on the top */
static int read_abort (lua_State *L, struct novita_httpd_response *a) {
  if (!lua_isstring(L, -1)) return -1;
  a->act = NOVITA_ACTION_CLOSE;
  return 0;
}


static void read_next (lua_State *L, struct novita_httpd_response *a) {
  lua_getfield(L, -2, "next");
  a->next = luaL_ref(L, LUA_REGISTRYINDEX);
}


static int read_body_order (lua_State *L, struct novita_httpd_response *a) {
  lua_Number cut = lua_tonumber(L, -1);
  a->act = NOVITA_ACTION_READ;
  a->cut = SIZE_MAX;
  lua_getfield(L, -2, "drop");
  a->drop = lua_toboolean(L, -1);
  lua_pop(L, 1);
  lua_getfield(L, -2, "file");
  if (lua_isstring(L, -1) && !a->drop) {
    a->file = strdup(lua_tostring(L, -1));
    if (a->file == NULL) return luaL_error(L, "not enough memory");
  }
  lua_pop(L, 1);
  if (!(cut >= 0)) return 0;
  a->cut = (size_t)cut;
  read_next(L, a);
  return 0;
}


static int read_wait (lua_State *L, struct novita_httpd_response *a) {
  a->act = NOVITA_ACTION_WAIT;
  a->seconds = lua_tonumber(L, -1);
  read_next(L, a);
  return 0;
}


static const struct {
  const char *field;
  int (*read) (lua_State *L, struct novita_httpd_response *a);
} forms[] = {
  {"abort", read_abort},
  {"read", read_body_order},
  {"wait", read_wait},
};


int novita_httpd_response_read (lua_State *L, struct novita_httpd_response *a,
                                const struct novita_httpd_context *context) {
  size_t i;
  memset(a, 0, sizeof *a);
  a->next = LUA_NOREF;
  if (!lua_istable(L, -1)) return -1;
  for (i = 0; i < sizeof forms / sizeof *forms; i++) {
    int there = lua_getfield(L, -1, forms[i].field) != LUA_TNIL;
    int r = there ? forms[i].read(L, a) : 0;
    lua_pop(L, 1);
    if (there) return r;
  }
  return read_response(L, a, context);
}
