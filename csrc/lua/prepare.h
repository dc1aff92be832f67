/*
** prepare.h: access to photos that a worker has prepared, for uploads.
*/
#ifndef novita_lua_prepare_h
#define novita_lua_prepare_h

#include <lua.h>

#include "../base/buffer.h"

struct novita_lua_prepared;

/* Keep the bytes of the prepared photo at 'index' until 'unuse', although it
** may be closed or canceled meanwhile; raises on anything else. The user
** anchors the value, since the photo lives in its userdata. */
NOVITA_FUNC struct novita_lua_prepared *novita_lua_prepare_use (lua_State *L,
                                                                int index);
NOVITA_FUNC const struct novita_buffer *novita_lua_prepare_used (
  const struct novita_lua_prepared *p);
NOVITA_FUNC void novita_lua_prepare_unuse (struct novita_lua_prepared *p);

#endif
