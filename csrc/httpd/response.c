/*
** response.c: see response.h
*/
#define _GNU_SOURCE

#include <errno.h>
#include <lauxlib.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>

#include "response.h"
#include "throttle.h"


static double number_field (lua_State *L, const char *name, double unset) {
  double n = unset;
  if (lua_getfield(L, -1, name) == LUA_TNUMBER) n = lua_tonumber(L, -1);
  lua_pop(L, 1);
  return n;
}


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


static struct MHD_Response *make_response (lua_State *L,
                                           struct novita_suspend_queue *suspend,
                                           struct MHD_Connection *c) {
  struct MHD_Response *response;
  double cut = number_field(L, "cut", -1), rate = number_field(L, "rate", 0);
  const char *body;
  size_t len = 0;
  lua_getfield(L, -1, "body");
  body = lua_tolstring(L, -1, &len);
  if (body != NULL && (cut >= 0 || rate > 0))
    response = novita_throttle_new(suspend, c, body, len,
                                   cut >= 0 ? (size_t)cut : len, rate);
  else {
    union { const char *in; void *out; } bytes;  /* the API has no const */
    bytes.in = body != NULL ? body : "";
    response = MHD_create_response_from_buffer(len, bytes.out,
                                               MHD_RESPMEM_MUST_COPY);
  }
  lua_pop(L, 1);
  return response;
}


static int read_response (lua_State *L, struct novita_httpd_response *a,
                          struct novita_suspend_queue *suspend,
                          struct MHD_Connection *c) {
  int ok = 0;
  a->act = NOVITA_ACTION_SEND;
  a->status = (unsigned)number_field(L, "status", 200);
  a->response = make_response(L, suspend, c);
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
  const char *how = lua_tostring(L, -1);
  if (how == NULL) return -1;
  if (strcmp(how, "reset") == 0) a->act = NOVITA_ACTION_RESET;
  else if (strcmp(how, "hang") == 0) a->act = NOVITA_ACTION_HANG;
  else a->act = NOVITA_ACTION_CLOSE;
  return 0;
}


static int read_cut (lua_State *L, struct novita_httpd_response *a) {
  lua_Number cut = lua_tonumber(L, -1);
  a->act = NOVITA_ACTION_READ;
  a->cut = cut >= 0 ? (size_t)cut : SIZE_MAX;
  lua_getfield(L, -2, "drop");
  a->drop = lua_toboolean(L, -1);
  lua_pop(L, 1);
  return 0;
}


static int read_wait (lua_State *L, struct novita_httpd_response *a) {
  a->act = NOVITA_ACTION_WAIT;
  a->seconds = lua_tonumber(L, -1);
  lua_getfield(L, -2, "next");
  a->next = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}


static const struct {
  const char *field;
  int (*read) (lua_State *L, struct novita_httpd_response *a);
} forms[] = {
  {"abort", read_abort},
  {"read", read_cut},
  {"wait", read_wait},
};


int novita_httpd_response_read (lua_State *L,
                                   struct novita_httpd_response *a,
                                   struct novita_suspend_queue *suspend,
                                   struct MHD_Connection *connection) {
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
  return read_response(L, a, suspend, connection);
}


static int socket_of (struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  return info != NULL ? info->connect_fd : -1;
}


void novita_httpd_response_reset (struct MHD_Connection *connection) {
  struct linger linger = {1, 0};
  struct sockaddr nowhere;
  int fd = socket_of(connection);
  if (fd < 0) return;
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof linger);
  /* the server calls shutdown before close, which would send a FIN first;
  ** dissolving the connection sends the reset at once */
  memset(&nowhere, 0, sizeof nowhere);
  nowhere.sa_family = AF_UNSPEC;
  (void)connect(fd, &nowhere, sizeof nowhere);
}


int novita_httpd_response_peer_closed (struct MHD_Connection *connection) {
  char byte;
  ssize_t n = recv(socket_of(connection), &byte, 1, MSG_PEEK | MSG_DONTWAIT);
  return n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
}
