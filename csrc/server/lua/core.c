/*
** core.c: the C module 'novita.server.core'. It works on loops of the module
** 'novita.core', whose structs it shares: both must be of one version.
**   core.process(loop, continuation, options) -> op   see process.c
**   core.kill_marked(mark) -> how many processes with this mark were there;
**                   they were killed. Call it again until it returns 0.
**   core.reap_orphans() -> whether this process is from now on the parent of
**                   processes whose own parent has ended
**   core.sync(path) -> true | nil, err    a file or a folder, to the disk
**   core.make_folder(path) -> true | nil, err   for its owner only
**   core.rename(from, to) -> true | nil, err   the new name is then on the disk
**   core.disk(path) -> free, total | nil, err  bytes of its file system
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>
#if defined(__linux__)
#include <sys/prctl.h>
#endif

#include "../../base/file_sync.h"
#include "../../lua/error.h"
#include "../../novita.h"
#include "../strays.h"
#include "process.h"


static int core_kill_marked (lua_State *L) {
  size_t len;
  const char *mark = luaL_checklstring(L, 1, &len);
  luaL_argcheck(L, len >= 16, 1, "a mark has at least 16 bytes");
  lua_pushfstring(L, "NOVITA_PROCESS=%s", mark);
  lua_pushinteger(L, novita_strays_kill(lua_tostring(L, -1), 0));
  return 1;
}


static int core_reap_orphans (lua_State *L) {
  int done = 0;
#if defined(PR_SET_CHILD_SUBREAPER)
  done = prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0;
#endif
  lua_pushboolean(L, done);
  return 1;
}


/* pushes true, or nil and an error from errno if 'r' is not 0 */
static int finish (lua_State *L, int r, const char *code, const char *what,
                   const char *path) {
  struct novita_error e;
  if (r == 0) {
    lua_pushboolean(L, 1);
    return 1;
  }
  novita_error_set(&e, NOVITA_ERROR_FILE, code, "cannot %s %s: %s", what, path,
                   strerror(errno));
  return novita_lua_error_return(L, &e);
}


static bool is_folder (const char *path) {
  struct stat st;
  return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}


static int core_make_folder (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int r = mkdir(path, 0700), why = errno;
  if (r != 0 && why == EEXIST && is_folder(path)) r = 0;
  errno = why;
  return finish(L, r, "create", "create", path);
}


static int core_rename (lua_State *L) {
  const char *from = luaL_checkstring(L, 1), *to = luaL_checkstring(L, 2);
  int r = rename(from, to);
  if (r == 0) novita_file_sync_folder(to);
  return finish(L, r, "rename", "create", to);
}


static int core_sync (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK), r = -1, saved;
  if (fd >= 0) {
    r = fsync(fd);
    saved = errno;
    close(fd);
    errno = saved;
  }
  return finish(L, r, "sync", "put on the disk", path);
}


static int core_disk (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct statvfs st;
  if (statvfs(path, &st) != 0) return finish(L, -1, "read", "read", path);
  lua_pushinteger(L, (lua_Integer)st.f_bavail * (lua_Integer)st.f_frsize);
  lua_pushinteger(L, (lua_Integer)st.f_blocks * (lua_Integer)st.f_frsize);
  return 2;
}


static const luaL_Reg functions[] = {
  {"process", novita_lua_process}, {"kill_marked", core_kill_marked},
  {"reap_orphans", core_reap_orphans}, {"sync", core_sync},
  {"rename", core_rename}, {"make_folder", core_make_folder},
  {"disk", core_disk}, {NULL, NULL}
};


/* The loop's struct is that of the module 'novita.core'. */
static void check_version (lua_State *L) {
  lua_getglobal(L, "require");
  lua_pushliteral(L, "novita.core");
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "version");
  if (strcmp(luaL_optstring(L, -1, ""), NOVITA_VERSION) != 0)
    luaL_error(L, "novita-server %s needs the same version of novita, not %s",
               NOVITA_VERSION, luaL_optstring(L, -1, "an unknown one"));
  lua_pop(L, 2);
}


LUAMOD_API int luaopen_novita_server_core (lua_State *L);

LUAMOD_API int luaopen_novita_server_core (lua_State *L) {
  luaL_checkversion(L);
  check_version(L);
  novita_lua_process_kind(L);
  luaL_newlib(L, functions);
  return 1;
}
