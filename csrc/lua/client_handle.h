/*
** client_handle.h: the userdata of a client, and how its ops access it.
*/
#ifndef novita_lua_client_handle_h
#define novita_lua_client_handle_h

#include <lua.h>

#include "../http/upload.h"
#include "../watch/watch.h"

#define NOVITA_LUA_CLIENT "novita.core.client"  /* its metatable */

struct novita_lua_client {
  struct novita_pool pool;
  struct novita_upload_queue uploads;
  struct novita_watch_scheduler watcher;
  bool open;
};

/* the open client at 'index'; raises on anything else and on a closed one */
NOVITA_FUNC struct novita_lua_client *
novita_lua_client_handle_check (lua_State *L, int index);

/* call this before an op of the client at index 1 begins (the op at 'op', its
** continuation at index 2): anchors the op and leaves it on the top */
NOVITA_FUNC void novita_lua_client_handle_hold (lua_State *L, int op);
/* the op did not begin: drop the anchor, push nil and the error */
NOVITA_FUNC int novita_lua_client_handle_drop (lua_State *L,
                                               const struct novita_error *e);

#endif
