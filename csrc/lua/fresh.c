/*
** fresh.c: core.fresh_file(path) -> true | nil, err
** Makes an empty file in place of whatever has the name. Never through a
** symbolic link: in a folder that others may write to, one could lead anywhere.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parts.h"


static int fail (lua_State *L, const char *path) {
  struct novita_error e;
  novita_error_set(&e, NOVITA_ERROR_FILE, "create", "cannot create '%s': %s", path,
              strerror(errno));
  return novita_lua_error_return(L, &e);
}


static int fresh_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd;
  if (unlink(path) != 0 && errno != ENOENT) return fail(L, path);
  /* O_EXCL follows no link */
  fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
  if (fd < 0) return fail(L, path);
  close(fd);
  lua_pushboolean(L, 1);
  return 1;
}


int novita_lua_fresh_file (lua_State *L) {
  lua_pushcfunction(L, fresh_file);
  return 1;
}
