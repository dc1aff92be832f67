/*
** place.c: core.put_in_place(from, to) -> true | nil, err
** A finished file gets its name, and both survive a power cut: the file, then
** the folder go to the disk (fsync), the name changes between them.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "parts.h"


static int sync_path (const char *path) {
  int fd = open(path, O_RDONLY | O_CLOEXEC), result;
  if (fd < 0) return -1;
  result = fsync(fd);
  close(fd);
  return result;
}


/* Not every file system can do this to a folder: a failure is none. */
static void sync_folder_of (const char *path) {
  const char *slash = strrchr(path, '/');
  char *folder = slash == NULL ? strdup(".")
                               : strndup(path, (size_t)(slash - path) + 1);
  if (folder != NULL) (void)sync_path(folder);
  free(folder);
}


static int place_put (lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  struct novita_error e;
  if (sync_path(from) != 0 || rename(from, to) != 0) {
    novita_error_set(&e, NOVITA_ERROR_FILE, "save", "cannot create '%s': %s", to,
                strerror(errno));
    return novita_lua_error_return(L, &e);
  }
  sync_folder_of(to);
  lua_pushboolean(L, 1);
  return 1;
}


int novita_lua_place_file (lua_State *L) {
  lua_pushcfunction(L, place_put);
  return 1;
}
