/*
** crypto.c: see crypto.h
*/
#define _GNU_SOURCE 1

#include <errno.h>
#include <lauxlib.h>
#include <nettle/base64.h>
#include <nettle/hmac.h>
#include <nettle/md5.h>
#include <nettle/sha2.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

#include "crypto.h"

#define MAX_RANDOM 256  /* the limit of one getentropy call */


static const uint8_t *check_bytes (lua_State *L, int arg, size_t *len) {
  return (const uint8_t *)luaL_checklstring(L, arg, len);
}


static int push_bytes (lua_State *L, const uint8_t *bytes, size_t n) {
  lua_pushlstring(L, (const char *)bytes, n);
  return 1;
}


static int crypto_sha256 (lua_State *L) {
  struct sha256_ctx ctx;
  uint8_t digest[SHA256_DIGEST_SIZE];
  size_t len;
  const uint8_t *bytes = check_bytes(L, 1, &len);
  sha256_init(&ctx);
  sha256_update(&ctx, len, bytes);
  sha256_digest(&ctx, sizeof digest, digest);
  return push_bytes(L, digest, sizeof digest);
}


/* The function returns the bytes at a position, "" at the end. */
static int crypto_sha256_of (lua_State *L) {
  struct sha256_ctx ctx;
  uint8_t digest[SHA256_DIGEST_SIZE];
  lua_Integer position = 0;
  size_t len;
  sha256_init(&ctx);
  do {
    const uint8_t *bytes;
    lua_settop(L, 1);
    lua_pushvalue(L, 1);
    lua_pushinteger(L, position);
    lua_call(L, 1, 1);
    bytes = check_bytes(L, 2, &len);
    sha256_update(&ctx, len, bytes);
    position += (lua_Integer)len;
  } while (len > 0);
  sha256_digest(&ctx, sizeof digest, digest);
  return push_bytes(L, digest, sizeof digest);
}


static int crypto_md5 (lua_State *L) {
  struct md5_ctx ctx;
  uint8_t digest[MD5_DIGEST_SIZE];
  size_t len;
  const uint8_t *bytes = check_bytes(L, 1, &len);
  md5_init(&ctx);
  md5_update(&ctx, len, bytes);
  md5_digest(&ctx, sizeof digest, digest);
  return push_bytes(L, digest, sizeof digest);
}


static int crypto_hmac_sha256 (lua_State *L) {
  struct hmac_sha256_ctx ctx;
  uint8_t digest[SHA256_DIGEST_SIZE];
  size_t key_len, len;
  const uint8_t *key = check_bytes(L, 1, &key_len);
  const uint8_t *bytes = check_bytes(L, 2, &len);
  hmac_sha256_set_key(&ctx, key_len, key);
  hmac_sha256_update(&ctx, len, bytes);
  hmac_sha256_digest(&ctx, sizeof digest, digest);
  return push_bytes(L, digest, sizeof digest);
}


#define PIECE 65536  /* bytes that are read at a time */

/* both digests with one reading of the file; -1: errno */
static int digest_file (FILE *file, struct sha256_ctx *sha256,
                        struct md5_ctx *md5) {
  uint8_t bytes[PIECE];
  size_t n;
  while ((n = fread(bytes, 1, sizeof bytes, file)) > 0) {
    sha256_update(sha256, n, bytes);
    md5_update(md5, n, bytes);
  }
  return ferror(file) ? -1 : 0;
}


static int push_error (lua_State *L, const char *path) {
  lua_pushnil(L);
  lua_pushfstring(L, "cannot read %s: %s", path, strerror(errno));
  return 2;
}


static int crypto_file_digests (lua_State *L) {
  struct sha256_ctx sha256;
  struct md5_ctx md5;
  uint8_t digest[SHA256_DIGEST_SIZE];
  const char *path = luaL_checkstring(L, 1);
  int r = -1;
  FILE *file = fopen(path, "rbe");
  if (file == NULL) return push_error(L, path);
  sha256_init(&sha256);
  md5_init(&md5);
  r = digest_file(file, &sha256, &md5);
  if (r != 0) push_error(L, path);
  fclose(file);
  if (r != 0) return 2;
  sha256_digest(&sha256, sizeof digest, digest);
  push_bytes(L, digest, sizeof digest);
  md5_digest(&md5, MD5_DIGEST_SIZE, digest);
  return 1 + push_bytes(L, digest, MD5_DIGEST_SIZE);
}


static int crypto_hex (lua_State *L) {
  static const char digits[] = "0123456789abcdef";
  luaL_Buffer b;
  size_t i, len;
  const uint8_t *bytes = check_bytes(L, 1, &len);
  char *out = luaL_buffinitsize(L, &b, len * 2);
  for (i = 0; i < len; i++) {
    out[2 * i] = digits[bytes[i] >> 4];
    out[2 * i + 1] = digits[bytes[i] & 15];
  }
  luaL_pushresultsize(&b, len * 2);
  return 1;
}


static int crypto_from_base64 (lua_State *L) {
  struct base64_decode_ctx ctx;
  luaL_Buffer b;
  size_t len, n;
  const char *text = luaL_checklstring(L, 1, &len);
  char *out = luaL_buffinitsize(L, &b, n = BASE64_DECODE_LENGTH(len));
  base64_decode_init(&ctx);
  if (base64_decode_update(&ctx, &n, (uint8_t *)out, len, text) &&
      base64_decode_final(&ctx))
    luaL_pushresultsize(&b, n);
  else
    lua_pushnil(L);
  return 1;
}


static int crypto_random (lua_State *L) {
  uint8_t bytes[MAX_RANDOM];
  lua_Integer n = luaL_checkinteger(L, 1);
  luaL_argcheck(L, n >= 1 && n <= MAX_RANDOM, 1,
                "must be an integer from 1 to 256");
  if (getentropy(bytes, (size_t)n) != 0)
    return luaL_error(L, "cannot get random bytes");
  return push_bytes(L, bytes, (size_t)n);
}


static int push_clock (lua_State *L, clockid_t clock) {
  struct timespec t;
  clock_gettime(clock, &t);
  lua_pushnumber(L, (lua_Number)t.tv_sec + (lua_Number)t.tv_nsec / 1e9);
  return 1;
}


static int crypto_now (lua_State *L) {
  return push_clock(L, CLOCK_MONOTONIC);
}


static int crypto_time (lua_State *L) {
  return push_clock(L, CLOCK_REALTIME);
}


static const luaL_Reg functions[] = {
  {"sha256", crypto_sha256},            /* (bytes) -> 32 bytes */
  {"sha256_of", crypto_sha256_of},      /* (read) -> 32 bytes */
  {"md5", crypto_md5},                  /* (bytes) -> 16 bytes */
  {"hmac_sha256", crypto_hmac_sha256},  /* (key, bytes) -> 32 bytes */
  {"file_digests", crypto_file_digests},  /* (path) -> sha256, md5 */
  {"hex", crypto_hex},                  /* (bytes) -> lower-case hex */
  {"from_base64", crypto_from_base64},  /* (text) -> bytes, nil if invalid */
  {"random", crypto_random},            /* (n) -> n bytes */
  {"now", crypto_now},                  /* seconds, monotonic */
  {"time", crypto_time},                /* unix seconds, with a fraction */
  {NULL, NULL}
};


int novita_service_crypto (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
