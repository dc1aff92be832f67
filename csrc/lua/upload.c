/*
** upload.c: client:upload(continuation, source, extension, timeout)
**   -> op | nil, err
**   source.bytes     string; or
**   source.prepared  a photo from loop:prepare; or
**   source.path      a file
**   extension        "jpeg" | "png" | "webp"
**   timeout          seconds, including all attempts and new URLs; nil = none
** op:sent_bytes() -> sent, total.  Result: the asset id, or nil, err.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "response.h"
#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "core.h"
#include "prepare.h"

#define TRY_SECONDS 60

/* stack indices in novita_lua_upload */
enum { SOURCE = 3, EXTENSION, TIMEOUT, OP };

struct lua_upload {
  struct novita_upload upload;        /* first member */
  struct novita_lua_prepared *photo;  /* NULL: the bytes are another's */
};


static void close_file (struct novita_upload *up) {
  if (up->body.fd >= 0) close(up->body.fd);
  up->body.fd = -1;
}


static int upload_results (lua_State *L, void *op) {
  struct novita_upload *up = op;
  int n;
  if (up->error.kind == NOVITA_ERROR_NONE) {
    lua_pushstring(L, up->asset_id);
    return 1;
  }
  n = novita_lua_response_push_failure(L, &up->error, &up->request);
  if (up->error.kind == NOVITA_ERROR_HTTP)
    novita_lua_response_set_fields(L, up->status, up->retry_after,
                                   &up->response);
  return n;
}


static int upload_events (lua_State *L, void *op) {
  return novita_lua_response_push_pause(
    L, &((struct novita_upload *)op)->request);
}


static void upload_release (void *op) {
  struct lua_upload *up = op;
  novita_upload_free(&up->upload);
  close_file(&up->upload);
  if (up->photo != NULL) novita_lua_prepare_unuse(up->photo);
  up->photo = NULL;
}


static const struct novita_lua_op_type upload_kind = {
  "novita.core.upload", upload_results, upload_events, upload_release, false,
  true
};


static int upload_sent_bytes (lua_State *L) {
  struct novita_upload *up = luaL_checkudata(L, 1, upload_kind.name);
  lua_pushinteger(L, (lua_Integer)novita_upload_sent_bytes(up));
  lua_pushinteger(L, (lua_Integer)up->body.len);
  return 2;
}


static const luaL_Reg methods[] = {
  {"sent_bytes", upload_sent_bytes}, {NULL, NULL}
};


/* O_NONBLOCK: opening a pipe that has no writer would block */
static int open_file (const char *path, struct novita_request_body *body,
                      struct novita_error *e) {
  struct stat st;
  body->fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (body->fd < 0 || fstat(body->fd, &st) != 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "open",
                            "cannot open '%s': %s", path, strerror(errno));
  if (!S_ISREG(st.st_mode))
    return novita_error_set(e, NOVITA_ERROR_FILE, "open",
                            "'%s' is not a file", path);
  body->len = (uint64_t)st.st_size;
  return 0;
}


static void read_prepared (lua_State *L, int index, struct lua_upload *up) {
  const struct novita_buffer *b;
  up->photo = novita_lua_prepare_use(L, index);
  b = novita_lua_prepare_used(up->photo);
  up->upload.body.bytes = b->data;
  up->upload.body.len = b->len;
}


/* The op is on the top. */
static int read_source (lua_State *L, struct lua_upload *up,
                        struct novita_error *e) {
  struct novita_request_body *body = &up->upload.body;
  int r = 0;
  size_t n;
  if (lua_getfield(L, SOURCE, "bytes") == LUA_TSTRING) {
    body->bytes = lua_tolstring(L, -1, &n);
    body->len = n;
  }
  else if (lua_getfield(L, SOURCE, "prepared") == LUA_TUSERDATA)
    read_prepared(L, -1, up);
  else {
    lua_getfield(L, SOURCE, "path");
    r = open_file(luaL_checkstring(L, -1), body, e);
  }
  novita_lua_op_anchor(L, OP, -1);
  lua_settop(L, OP);
  return r;
}


static const char *check_extension (lua_State *L, int index) {
  static const char *const names[] = {"jpeg", "png", "webp", NULL};
  return names[luaL_checkoption(L, index, NULL, names)];
}


int novita_lua_upload (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  struct lua_upload *up;
  struct novita_error e;
  const char *extension = check_extension(L, EXTENSION);
  double deadline = novita_lua_op_check_deadline(L, TIMEOUT);
  luaL_checktype(L, SOURCE, LUA_TTABLE);
  lua_settop(L, TIMEOUT);
  up = novita_lua_op_new(L, &upload_kind, sizeof *up);
  novita_upload_init(&up->upload);
  up->upload.extension = extension;
  up->upload.deadline = deadline;
  up->upload.try_seconds = TRY_SECONDS;
  if (read_source(L, up, &e) != 0) {
    close_file(&up->upload);
    return novita_lua_error_return(L, &e);
  }
  novita_lua_client_handle_hold(L, OP);
  novita_upload_start(&client->uploads, &up->upload);
  return 1;
}


void novita_lua_upload_kind (lua_State *L) {
  novita_lua_op_kind(L, &upload_kind, methods);
}
