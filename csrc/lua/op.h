/*
** op.h: ops as Lua userdata.
**
** Each kind of op is a full userdata that starts with a 'struct novita_op' and
** has user values: 1 = the continuation (any value, returned with the event),
** 2 = its parent, which must outlive it, 3 = the Lua value that holds the bytes
** it sends (only kinds with 'sends').
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
  /* push the result of a finished op: a value, or nil and an error */
  int (*results) (lua_State *L, void *op);
  /* push the progress of a running op; may be NULL */
  int (*events) (lua_State *L, void *op);
  /* free what it owns; may run twice, and on an op that never started */
  void (*release) (void *op);
  bool keeps;        /* the op holds the result: only __gc releases it */
  bool sends;        /* has a user value 3 */
};

/* create the metatable of a kind, with 'methods' and the common ones */
NOVITA_FUNC void novita_lua_op_kind (lua_State *L,
                                     const struct novita_lua_op_type *kind,
                                     const luaL_Reg *methods);

/* push a new op of 'size' zeroed bytes, idle, with its metatable */
NOVITA_FUNC void *novita_lua_op_new (lua_State *L,
                                     const struct novita_lua_op_type *kind,
                                     size_t size);

/* call this before the op at 'op' starts: sets its continuation and parent,
** anchors it in the loop at 'loop', and leaves it on the top. May raise on
** out-of-memory; because it precedes the start, a running op is always
** anchored. */
NOVITA_FUNC void novita_lua_op_hold (lua_State *L, int op, int loop,
                                     int continuation, int parent);
/* the op did not start: drop the anchor */
NOVITA_FUNC void novita_lua_op_drop (lua_State *L, int op, int loop);

/* keep the value at 'index' alive as long as the op at 'op' sends it */
NOVITA_FUNC void novita_lua_op_anchor (lua_State *L, int op, int index);

/* take the next event of the loop at index 1: pushes the continuation, whether
** the op has ended, and the results; 0 if there is no event */
NOVITA_FUNC int novita_lua_op_next (lua_State *L);

/* push a list of the live ops of the loop at 'loop' whose parent is at
** 'parent'. Both are positive indices. */
NOVITA_FUNC void novita_lua_op_list (lua_State *L, int loop, int parent);
/* cancel the ops in the list on the top, and replace each by its
** continuation. Needs no memory. */
NOVITA_FUNC void novita_lua_op_cancel_list (lua_State *L, int loop);
/* cancel every live op of the loop at 'loop'; needs no memory, for __gc */
NOVITA_FUNC void novita_lua_op_stop_all (lua_State *L, int loop);

/* the deadline of a timeout in seconds at 'index' (nil = never) */
NOVITA_FUNC double novita_lua_op_check_deadline (lua_State *L, int index);

#endif
