/*
** digest.c: core.sha256() -> hash; hash:add(text) -> hash; hash:hex() -> text
**           hash:add_file(path, from, count) -> bytes added, fewer at the end
**             of the file; nil, err
**           core.base64(text) -> text
**           core.random_hex(count) -> text of 2 * count digits, or nil
**           client:account(id) -> text: identifies the account's key without
**             showing it, by the key's HMAC of 'id'
*/
#define _POSIX_C_SOURCE 200809L
#include <errno.h>
#include <fcntl.h>
#include <lauxlib.h>
#include <lua.h>
#include <string.h>
#include <unistd.h>

#include "../base/base64.h"
#include "../base/random.h"
#include "../base/sha256.h"
#include "client_handle.h"
#include "core.h"
#include "error.h"

#define HASH "novita.core.sha256"
#define PIECE 65536  /* bytes that are read at once */


static int hash_add (lua_State *L) {
  struct novita_sha256 *h = luaL_checkudata(L, 1, HASH);
  size_t n;
  const char *text = luaL_checklstring(L, 2, &n);
  novita_sha256_add(h, text, n);
  lua_settop(L, 1);
  return 1;
}


static void push_hex (lua_State *L, const unsigned char *bytes, size_t count) {
  static const char digits[] = "0123456789abcdef";
  luaL_Buffer b;
  char *hex = luaL_buffinitsize(L, &b, 2 * count);
  size_t i;
  for (i = 0; i < count; i++) {
    hex[2 * i] = digits[bytes[i] >> 4];
    hex[2 * i + 1] = digits[bytes[i] & 15];
  }
  luaL_pushresultsize(&b, 2 * count);
}


static int hash_hex (lua_State *L) {
  const struct novita_sha256 *h = luaL_checkudata(L, 1, HASH);
  unsigned char out[NOVITA_SHA256_SIZE];
  novita_sha256_end(h, out);
  push_hex(L, out, sizeof out);
  return 1;
}


/* bytes added, or -1 and an errno */
static lua_Integer add_fd (struct novita_sha256 *h, int fd, lua_Integer from,
                           lua_Integer count) {
  char bytes[PIECE];
  lua_Integer done = 0;
  while (done < count) {
    size_t most = count - done < PIECE ? (size_t)(count - done) : PIECE;
    ssize_t n = pread(fd, bytes, most, (off_t)(from + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return -1;
    if (n == 0) break;
    novita_sha256_add(h, bytes, (size_t)n);
    done += n;
  }
  return done;
}


/* O_NONBLOCK: opening a pipe that has no writer would block */
static lua_Integer add_path (struct novita_sha256 *h, const char *path,
                             lua_Integer from, lua_Integer count) {
  int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
  lua_Integer done = fd < 0 ? -1 : add_fd(h, fd, from, count);
  int error = errno;
  if (fd >= 0) close(fd);
  errno = error;
  return done;
}


static int hash_add_file (lua_State *L) {
  struct novita_sha256 *h = luaL_checkudata(L, 1, HASH);
  const char *path = luaL_checkstring(L, 2);
  lua_Integer from = luaL_checkinteger(L, 3), count = luaL_checkinteger(L, 4);
  struct novita_error e;
  luaL_argcheck(L, from >= 0, 3, "must be >= 0");
  luaL_argcheck(L, count > 0, 4, "must be > 0");
  count = add_path(h, path, from, count);
  if (count < 0) {
    novita_error_set(&e, NOVITA_ERROR_FILE, "read", "cannot read '%s': %s",
                     path, strerror(errno));
    return novita_lua_error_return(L, &e);
  }
  lua_pushinteger(L, count);
  return 1;
}


static const luaL_Reg methods[] = {
  {"add", hash_add}, {"add_file", hash_add_file}, {"hex", hash_hex},
  {NULL, NULL}
};


static int digest_sha256 (lua_State *L) {
  novita_sha256_init(lua_newuserdatauv(L, sizeof(struct novita_sha256), 0));
  luaL_setmetatable(L, HASH);
  return 1;
}


int novita_lua_digest_sha256 (lua_State *L) {
  luaL_newmetatable(L, HASH);  /* new, or left by a failed open */
  luaL_newlib(L, methods);
  lua_setfield(L, -2, "__index");
  lua_pop(L, 1);
  lua_pushcfunction(L, digest_sha256);
  return 1;
}


static int digest_base64 (lua_State *L) {
  size_t n;
  const char *text = luaL_checklstring(L, 1, &n);
  luaL_Buffer b;
  char *out = luaL_buffinitsize(L, &b, NOVITA_BASE64_SIZE(n));
  novita_base64_encode((const unsigned char *)text, n, out);
  luaL_pushresultsize(&b, NOVITA_BASE64_SIZE(n));
  return 1;
}


int novita_lua_digest_base64 (lua_State *L) {
  lua_pushcfunction(L, digest_base64);
  return 1;
}


static int random_hex (lua_State *L) {
  unsigned char bytes[64];
  lua_Integer count = luaL_checkinteger(L, 1);
  luaL_argcheck(L, count > 0 && count <= (lua_Integer)sizeof bytes, 1,
                "must be an integer from 1 to 64");
  if (!novita_random_bytes(bytes, (size_t)count)) return 0;
  push_hex(L, bytes, (size_t)count);
  return 1;
}


int novita_lua_digest_random_hex (lua_State *L) {
  lua_pushcfunction(L, random_hex);
  return 1;
}


int novita_lua_digest_account (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  unsigned char digest[NOVITA_SHA256_SIZE];
  size_t len;
  const char *id = luaL_checklstring(L, 2, &len);
  novita_api_server_sign(&client->pool.server, id, len, digest);
  push_hex(L, digest, sizeof digest);
  return 1;
}
