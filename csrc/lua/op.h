/*
** op.h: ops as Lua userdata.
**
** Each kind of op is a full userdata that starts with a 'struct novita_op' and
** has user values: 1 = the continuation (whatever Lua wants back with the
** news), 2 = its owner, which must outlive it, 3 = the Lua value that holds the
** bytes it sends (kinds with 'sends' only).
** While it runs, the loop's table of live ops (user value 1 of the loop)
** anchors it; taking its result or canceling it drops the anchor.
*/
#ifndef novita_lua_op_h
#define novita_lua_op_h

#include <lua.h>

#include "../event/loop.h"
#include "../event/op.h"

struct novita_lua_op_type {
  const char *name;                        /* of the metatable */
  /* push what the finished op came to: value, or nil and an error */
  int (*results) (lua_State *L, void *op);
  /* push how it stands: for news of a running op; may be NULL */
  int (*events) (lua_State *L, void *op);
  /* free what it owns; may run twice, and on one that never started */
  void (*release) (void *op);
  bool keeps;        /* the results live in the op: leave release to __gc */
  bool sends;        /* has a user value 3 */
};

/* make the metatable of a kind, with 'methods' besides the common ones */
NOVITA_FUNC void novita_lua_op_kind (lua_State *L,
                                     const struct novita_lua_op_type *kind,
                                     const luaL_Reg *methods);

/* push a new op of 'size' zeroed bytes, idle, with its metatable */
NOVITA_FUNC void *novita_lua_op_new (lua_State *L,
                                     const struct novita_lua_op_type *kind,
                                     size_t size);

/* the op at 'op' is about to begin: set its continuation and owner, anchor it
** in the loop at 'loop', leave it on the top. May raise for lack of memory, so
** it comes before the start: what runs is always held. */
NOVITA_FUNC void novita_lua_op_hold (lua_State *L, int op, int loop,
                                     int continuation, int owner);
/* it did not begin after all */
NOVITA_FUNC void novita_lua_op_drop (lua_State *L, int op, int loop);

/* keep the value at 'index' alive as long as the op at 'op' sends it */
NOVITA_FUNC void novita_lua_op_anchor (lua_State *L, int op, int index);

/* take the next news of the loop at index 1: pushes the continuation, whether
** that was the end, and the results; 0 when there is none */
NOVITA_FUNC int novita_lua_op_next (lua_State *L);

/* push a list of the live ops of the loop at 'loop' whose owner is at 'owner'.
** Both are positive indices. */
NOVITA_FUNC void novita_lua_op_list (lua_State *L, int loop, int owner);
/* cancel the ops of the list on the top; what is in it now are their
** continuations. Needs no memory. */
NOVITA_FUNC void novita_lua_op_cancel_list (lua_State *L, int loop);
/* cancel every live op of the loop at 'loop'; for __gc, so without memory */
NOVITA_FUNC void novita_lua_op_stop_all (lua_State *L, int loop);

/* seconds at 'index' (nil = never) as a point of time */
NOVITA_FUNC double novita_lua_op_check_deadline (lua_State *L, int index);

#endif
