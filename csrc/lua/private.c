/*
** private.c: files that are nobody else's business.
**   core.private_file(path) -> whether it is new | nil, err
**     Makes an empty file that only its owner can read or write, unless there
**     is a file of that name already, which is left alone.
**   core.read_private(path, most) -> text | nil, err
**     The first 'most' bytes of a file that is ours and that nobody else can
**     read. Links are followed: what is looked at is the file they lead to.
*/
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "parts.h"

#define CREATE (O_WRONLY | O_CREAT | O_CLOEXEC)


static bool leads_nowhere (const char *path) {
  struct stat st;
  return stat(path, &st) != 0 && errno == ENOENT;
}


/* A file that is there is not even opened: closing it would take the locks of
** this process away. Of a link to nothing the file that it names is made. */
static int create (const char *path) {
  int fd = open(path, CREATE | O_EXCL, 0600);
  if (fd < 0 && errno == EEXIST && leads_nowhere(path))
    fd = open(path, CREATE, 0600);
  return fd;
}


static int private_file (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  struct novita_error e;
  int fd = create(path);
  if (fd < 0 && errno != EEXIST) {
    novita_error_set(&e, NOVITA_ERROR_FILE, "create", "cannot create '%s': %s", path,
                strerror(errno));
    return novita_lua_error_return(L, &e);
  }
  if (fd >= 0) close(fd);
  lua_pushboolean(L, fd >= 0);
  return 1;
}


static int check_private (int fd, const char *path, struct novita_error *e) {
  struct stat st;
  if (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))
    return novita_error_set(e, NOVITA_ERROR_FILE, "not_a_file", "%s is not a file", path);
  if (st.st_uid != geteuid())
    return novita_error_set(e, NOVITA_ERROR_FILE, "foreign", "%s belongs to another user: "
                       "make it a file of your own", path);
  if ((st.st_mode & 077) != 0)
    return novita_error_set(e, NOVITA_ERROR_FILE, "shared", "others can read %s "
                       "(mode %03o): chmod 600 %s", path,
                       (unsigned)st.st_mode & 0777, path);
  return 0;
}


static int read_fd (int fd, const char *path, char *text, size_t *len,
                    struct novita_error *e) {
  ssize_t n;
  if (check_private(fd, path, e) != 0) return -1;
  n = read(fd, text, *len);
  if (n < 0) return novita_error_set(e, NOVITA_ERROR_FILE, "read", "cannot read %s: %s",
                                path, strerror(errno));
  *len = (size_t)n;
  return 0;
}


/* not blocking: a pipe without a writer would be waited for */
static int read_path (const char *path, char *text, size_t *len,
                      struct novita_error *e) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY), r;
  if (fd < 0) return novita_error_set(e, NOVITA_ERROR_FILE, "open", "cannot open %s: %s",
                                 path, strerror(errno));
  r = read_fd(fd, path, text, len, e);
  close(fd);
  return r;
}


static int read_private (lua_State *L) {
  const char *path = luaL_checkstring(L, 1);
  lua_Integer most = luaL_checkinteger(L, 2);
  struct novita_error e;
  size_t len;
  char *text;
  luaL_argcheck(L, most > 0 && most <= 65536, 2, "allowed are 1 to 65536");
  len = (size_t)most;
  text = lua_newuserdatauv(L, len, 0);
  if (read_path(path, text, &len, &e) != 0) return novita_lua_error_return(L, &e);
  lua_pushlstring(L, text, len);
  return 1;
}


int novita_lua_private_file (lua_State *L) {
  lua_pushcfunction(L, private_file);
  return 1;
}


int novita_lua_private_read (lua_State *L) {
  lua_pushcfunction(L, read_private);
  return 1;
}
