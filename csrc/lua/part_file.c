/*
** part_file.c: core.part_file(path) -> part | nil, err
**   A file that grows until it is complete; see base/part_file.h. The code of
**   the error is "locked" if another call or process has it.
** part:size() -> bytes
** part:add(bytes) -> true | nil, err
** part:empty() -> true | nil, err
** part:close(): unlocks it. May be called twice.
** loop:save(continuation, part, path) -> op
**   Gives the part its final name; both survive a power cut. Result: true, or
**   nil, err.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "../base/part_file.h"
#include "../event/file_save.h"
#include "../event/op.h"
#include "core.h"
#include "error.h"
#include "loop_handle.h"
#include "op.h"
#include "part_file.h"

#define PART "novita.core.part_file"

struct part {
  int fd;          /* -1 once it is closed */
  char path[];
};


static struct part *check (lua_State *L, int index) {
  struct part *part = luaL_checkudata(L, index, PART);
  luaL_argcheck(L, part->fd >= 0, index, "the file is closed");
  return part;
}


int novita_lua_part_file_check_fd (lua_State *L, int index) {
  return check(L, index)->fd;
}


/* push nil and the error, from errno */
static int fail (lua_State *L, const char *what, const char *path) {
  struct novita_error e;
  if (errno == EWOULDBLOCK)
    novita_error_set(&e, NOVITA_ERROR_FILE, "locked",
                     "another call or process has '%s' open", path);
  else
    novita_error_set(&e, NOVITA_ERROR_FILE, "save", "cannot %s '%s': %s", what,
                     path, strerror(errno));
  return novita_lua_error_return(L, &e);
}


static int done (lua_State *L, int result, const char *path) {
  if (result != 0) return fail(L, "write", path);
  lua_pushboolean(L, 1);
  return 1;
}


/* {====== methods ====== */

static int part_size (lua_State *L) {
  struct stat st;
  if (fstat(check(L, 1)->fd, &st) != 0) st.st_size = 0;
  lua_pushinteger(L, (lua_Integer)st.st_size);
  return 1;
}


static int part_add (lua_State *L) {
  struct part *part = check(L, 1);
  size_t n;
  const char *bytes = luaL_checklstring(L, 2, &n);
  return done(L, novita_part_file_add(part->fd, bytes, n), part->path);
}


static int part_empty (lua_State *L) {
  struct part *part = check(L, 1);
  return done(L, ftruncate(part->fd, 0), part->path);
}


static int part_close (lua_State *L) {
  struct part *part = luaL_checkudata(L, 1, PART);
  if (part->fd >= 0) close(part->fd);
  part->fd = -1;
  return 0;
}


static const luaL_Reg methods[] = {
  {"size", part_size}, {"add", part_add}, {"empty", part_empty},
  {"close", part_close}, {NULL, NULL}
};

static const luaL_Reg meta[] = {
  {"__gc", part_close}, {"__close", part_close}, {NULL, NULL}
};


static int part_file (lua_State *L) {
  size_t n;
  const char *path = luaL_checklstring(L, 1, &n);
  struct part *part = lua_newuserdatauv(L, sizeof *part + n + 1, 0);
  part->fd = -1;
  memcpy(part->path, path, n + 1);
  luaL_setmetatable(L, PART);
  part->fd = novita_part_file_open(path);
  return part->fd >= 0 ? 1 : fail(L, "write", path);
}


int novita_lua_part_file (lua_State *L) {
  luaL_newmetatable(L, PART);  /* new, or left by a failed open */
  luaL_setfuncs(L, meta, 0);
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, part_file);
  return 1;
}

/* }====== */


/* {====== save ====== */

struct saving {
  struct novita_op op;            /* first member */
  struct novita_file_save save;   /* its descriptor is a duplicate, so the part
                                  ** may be closed */
  char to[];
};


static void saved (struct novita_file_save *save) {
  novita_op_finish(&NOVITA_CONTAINER_OF(save, struct saving, save)->op);
}


static void save_cancel (struct novita_op *op) {
  novita_file_save_cancel(op->loop, &((struct saving *)op)->save);
}


static int save_results (lua_State *L, void *op) {
  const struct saving *s = op;
  errno = s->save.error;
  if (s->save.failed != NULL) return fail(L, s->save.failed, s->to);
  lua_pushboolean(L, 1);
  return 1;
}


static void save_release (void *op) {
  struct saving *s = op;
  if (s->save.fd >= 0) close(s->save.fd);
  s->save.fd = -1;
}


static const struct novita_op_class save_class = {"save", save_cancel};

static const struct novita_lua_op_type save_kind = {
  "novita.core.save", save_results, NULL, save_release, false, true
};


int novita_lua_part_file_save (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  struct part *part = check(L, 3);
  size_t n;
  const char *to = luaL_checklstring(L, 4, &n);
  struct saving *s;
  lua_settop(L, 4);
  s = novita_lua_op_new(L, &save_kind, sizeof *s + n + 1);
  memcpy(s->to, to, n + 1);
  s->save.fd = fcntl(part->fd, F_DUPFD_CLOEXEC, 0);
  if (s->save.fd < 0) return fail(L, "save", part->path);
  s->save.from = part->path;
  s->save.to = s->to;
  s->save.done = saved;
  novita_lua_op_anchor(L, 5, 3);  /* for its path */
  novita_lua_op_hold(L, 5, 1, 2, 1);
  novita_op_begin(&s->op, &save_class, loop);
  novita_file_save_start(loop, &s->save);
  return 1;
}


void novita_lua_part_file_save_kind (lua_State *L) {
  novita_lua_op_kind(L, &save_kind, NULL);
}

/* }====== */
