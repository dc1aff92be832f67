/*
** core.c: the C module 'novita.core'. Each field of the module comes from one
** file of this folder (see core.h).
*/
#define _POSIX_C_SOURCE 200809L
#include <lauxlib.h>
#include <lua.h>

#include "../base/clock.h"
#include "../http/watchdog.h"
#include "../novita.h"
#include "core.h"

#if LUA_VERSION_NUM < 504
#error "novita needs Lua 5.4 or newer: luarocks --lua-version 5.4 make"
#endif


/* core.now() -> seconds on a monotonic clock */
static int core_now (lua_State *L) {
  lua_pushnumber(L, novita_clock_now());
  return 1;
}


static int core_boot_time (lua_State *L) {
  lua_pushnumber(L, novita_clock_boot());
  return 1;
}


static const luaL_Reg functions[] = {
  {"now", core_now}, {"boot_time", core_boot_time}, {NULL, NULL}
};


static const luaL_Reg parts[] = {
  {"error", novita_lua_error},
  {"one_line", novita_lua_error_one_line},
  {"coroutine_main", novita_lua_coroutine_main},
  {"loop", novita_lua_loop},
  {"client", novita_lua_client},
  {"image", novita_lua_image},
  {"sha256", novita_lua_digest_sha256},
  {"base64", novita_lua_digest_base64},
  {"random_hex", novita_lua_digest_random_hex},
  {"part_file", novita_lua_part_file},
  {"create_file", novita_lua_files_create},
  {"create_private_file", novita_lua_files_create_private},
  {"read_private_file", novita_lua_files_read_private},
  {"is_journal_locked", novita_lua_files_is_journal_locked},
  {"remove_file", novita_lua_files_remove},
  {"free_space", novita_lua_files_free_space},
  {"before", novita_lua_text_before},
  {"before_naturally", novita_lua_text_before_naturally},
  {"json_string", novita_lua_text_json_string},
  {"terminal", novita_lua_terminal},
  {"signals", novita_lua_signal},
  {"versions", novita_lua_versions},
  {"status_class", novita_lua_status_class},
  {"legacy_status", novita_lua_status_class_legacy},
  {NULL, NULL}
};


LUAMOD_API int luaopen_novita_core (lua_State *L) {
  const luaL_Reg *part;
  luaL_checkversion(L);
  lua_newtable(L);
  for (part = parts; part->name != NULL; part++) {
    part->func(L);
    lua_setfield(L, -2, part->name);
  }
  luaL_setfuncs(L, functions, 0);
  lua_pushliteral(L, NOVITA_VERSION);
  lua_setfield(L, -2, "version");
  lua_pushboolean(L, novita_watchdog_is_there());
  lua_setfield(L, -2, "has_watchdog");
  return 1;
}
