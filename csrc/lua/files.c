/*
** files.c: small file operations that Lua's io library cannot do.
**   core.create_file(path) -> true | nil, err
**     Creates an empty file and replaces an existing one. It never follows a
**     symbolic link: in a folder that others may write to, a link could lead
**     anywhere.
**   core.create_private_file(path) -> whether it is new | nil, err
**     Creates an empty file that only its owner can read and write. An
**     existing file is left alone.
**   core.read_private_file(path, limit) -> text | nil, err
**     Reads the first 'limit' bytes of a file that is ours and that no one
**     else can read. Links are followed, and their target is checked.
**   core.is_journal_locked(path) -> boolean | nil if that cannot be known
**     Whether another process holds SQLite's lock on the file 'path'.lock
**     (novita.batch.store.lock). Not for a process that may hold it: the
**     system drops its locks when it closes the file.
**   core.remove_file(path) -> true | nil, err
**     Removes a file, or a link; a power cut afterwards does not bring it
**     back. A file that is missing counts as removed.
**   core.free_space(path) -> bytes | nil, err
**     How much may be written to the file system of an existing path.
*/
#define _GNU_SOURCE 1
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "../base/file_sync.h"
#include "core.h"
#include "error.h"

#define CREATE (O_WRONLY | O_CREAT | O_CLOEXEC)
#define MAX_READ 65536


/* push nil and why 'path' cannot be created, from errno */
static int fail (lua_State *L, const char *path, const char *code) {
  struct novita_error e;
  novita_error_set(&e, NOVITA_ERROR_FILE, code, "cannot create '%s': %s", path,
                   strerror(errno));
  return novita_lua_error_return(L, &e);
}


/* {====== create ====== */

static int create_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd;
  if (unlink(path) != 0 && errno != ENOENT) return fail(L, path, "create");
  fd = open(path, CREATE | O_EXCL, 0666);  /* O_EXCL follows no link */
  if (fd < 0) return fail(L, path, "create");
  close(fd);
  lua_pushboolean(L, 1);
  return 1;
}


static bool is_dangling (const char *path) {
  struct stat st;
  return stat(path, &st) != 0 && errno == ENOENT;
}


/* An existing file is not even opened: closing it would drop the locks that
** this process holds on it. For a dangling link, create its target. */
static int open_new (const char *path) {
  int fd = open(path, CREATE | O_EXCL, 0600);
  if (fd < 0 && errno == EEXIST && is_dangling(path))
    fd = open(path, CREATE, 0600);
  return fd;
}


static int create_private_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  int fd = open_new(path);
  if (fd < 0 && errno != EEXIST) return fail(L, path, "create");
  if (fd >= 0) close(fd);
  lua_pushboolean(L, fd >= 0);
  return 1;
}

/* }====== */


/* {====== read ====== */

static int check_private (int fd, const char *path, struct novita_error *e) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return novita_error_set(e, NOVITA_ERROR_FILE, "not_a_file",
                            "%s is not a file", path);
  if (st.st_uid != geteuid())
    return novita_error_set(e, NOVITA_ERROR_FILE, "foreign",
                            "%s belongs to another user: use a file that you "
                            "own", path);
  if ((st.st_mode & 077) != 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "shared",
                            "others can read %s (mode %03o): chmod 600 %s",
                            path, (unsigned)st.st_mode & 0777, path);
  return 0;
}


static int read_fd (int fd, const char *path, char *text, size_t *len,
                    struct novita_error *e) {
  ssize_t n;
  if (check_private(fd, path, e) != 0) return -1;
  n = read(fd, text, *len);
  if (n < 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "read", "cannot read %s: %s",
                            path, strerror(errno));
  *len = (size_t)n;
  return 0;
}


/* O_NONBLOCK: opening a pipe that has no writer would block */
static int read_path (const char *path, char *text, size_t *len,
                      struct novita_error *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;
  if (fd < 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "open", "cannot open %s: %s",
                            path, strerror(errno));
  r = read_fd(fd, path, text, len, e);
  close(fd);
  return r;
}


static int read_private_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_Integer limit = luaL_checkinteger(L, 2);
  struct novita_error e;
  size_t len;
  char *text;
  luaL_argcheck(L, limit > 0 && limit <= MAX_READ, 2,
                "must be an integer from 1 to 65536");
  len = (size_t)limit;
  text = lua_newuserdatauv(L, len, 0);
  if (read_path(path, text, &len, &e) != 0)
    return novita_lua_error_return(L, &e);
  lua_pushlstring(L, text, len);
  return 1;
}

/* }====== */


/* {====== locks ====== */

/* the bytes that SQLite locks; see its os.h */
#define LOCK_FROM 0x40000000
#define LOCK_BYTES 512

/* 1, 0, or -1 if it cannot be known */
static int is_locked (const char *path) {
  struct flock held = {.l_type = F_WRLCK, .l_whence = SEEK_SET,
                       .l_start = LOCK_FROM, .l_len = LOCK_BYTES};
  int fd = open(path, O_RDONLY | O_CLOEXEC), r;
  if (fd < 0) return errno == ENOENT ? 0 : -1;
  r = fcntl(fd, F_GETLK, &held);
  close(fd);
  if (r != 0) return -1;
  return held.l_type != F_UNLCK;
}


/* The lock lies beside the file that links lead to. */
static int is_journal_locked (lua_State *L) {
  char *name = realpath(luaL_checkstring(L, 1), NULL);
  int r;
  if (name == NULL) return 0;
  lua_pushfstring(L, "%s.lock", name);
  free(name);
  r = is_locked(lua_tostring(L, -1));
  if (r < 0) return 0;
  lua_pushboolean(L, r);
  return 1;
}

/* }====== */


int novita_lua_files_is_journal_locked (lua_State *L) {
  lua_pushcfunction(L, is_journal_locked);
  return 1;
}


/* {====== remove ====== */

static int remove_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct novita_error e;
  if (unlink(path) != 0 && errno != ENOENT) {
    novita_error_set(&e, NOVITA_ERROR_FILE, "remove", "cannot remove '%s': %s",
                     path, strerror(errno));
    return novita_lua_error_return(L, &e);
  }
  novita_file_sync_folder(path);
  lua_pushboolean(L, 1);
  return 1;
}


int novita_lua_files_remove (lua_State *L) {
  lua_pushcfunction(L, remove_file);
  return 1;
}

/* }====== */


/* {====== space ====== */

/* a float: it may be more than an integer holds */
static int free_space (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct statvfs st;
  struct novita_error e;
  if (statvfs(path, &st) != 0) {
    novita_error_set(&e, NOVITA_ERROR_FILE, "space",
                     "cannot see how much space '%s' has: %s", path,
                     strerror(errno));
    return novita_lua_error_return(L, &e);
  }
  lua_pushnumber(L, (lua_Number)st.f_bavail * (lua_Number)st.f_frsize);
  return 1;
}


int novita_lua_files_free_space (lua_State *L) {
  lua_pushcfunction(L, free_space);
  return 1;
}

/* }====== */


int novita_lua_files_create (lua_State *L) {
  lua_pushcfunction(L, create_file);
  return 1;
}


int novita_lua_files_create_private (lua_State *L) {
  lua_pushcfunction(L, create_private_file);
  return 1;
}


int novita_lua_files_read_private (lua_State *L) {
  lua_pushcfunction(L, read_private_file);
  return 1;
}
