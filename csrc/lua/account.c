/*
** account.c: client:account(id) -> text
** Identifies the account's key without showing it: the key's HMAC of 'id', in
** hexadecimal digits.
*/
#include <lauxlib.h>
#include <lua.h>

#include "client_handle.h"
#include "core.h"
#include "digest.h"


int novita_lua_account (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  unsigned char digest[NOVITA_SHA256_SIZE];
  size_t len;
  const char *id = luaL_checklstring(L, 2, &len);
  novita_api_server_sign(&client->pool.server, id, len, digest);
  novita_lua_digest_push(L, digest);
  return 1;
}
