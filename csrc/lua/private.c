/*
** private.c: core.private_file(path) -> whether it is new | nil, err
** Makes an empty file that only its owner can read or write, unless there is a
** file of that name already, which is left alone.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <unistd.h>

#include "failure.h"
#include "parts.h"


static int private_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct novita_error e;
  int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (fd < 0 && errno != EEXIST) {
    novita_fail(&e, NOVITA_FILE, "create", "cannot create '%s': %s", path,
                strerror(errno));
    return novita_lua_fail(L, &e);
  }
  if (fd >= 0) close(fd);
  lua_pushboolean(L, fd >= 0);
  return 1;
}


int novita_lua_private_file (lua_State *L) {
  lua_pushcfunction(L, private_file);
  return 1;
}
