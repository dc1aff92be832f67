/*
** parts.h: the parts of 'novita.core'. Each opener pushes one value.
*/
#ifndef novita_lua_parts_h
#define novita_lua_parts_h

#include <lua.h>

#include "../base/func.h"

/* the metatable of error objects, empty: novita.error fills it */
NOVITA_FUNC int novita_lua_error (lua_State *L);
/* a function: body(fn, ...), for coroutines */
NOVITA_FUNC int novita_lua_coroutine_main (lua_State *L);
/* a function: loop(options) -> loop */
NOVITA_FUNC int novita_lua_loop (lua_State *L);
/* a function: client(loop, options) -> client */
NOVITA_FUNC int novita_lua_client (lua_State *L);

/* a function: check_prepare(options) */
NOVITA_FUNC int novita_lua_prepare_check (lua_State *L);

/* functions: sha256() -> hash, base64(text), put_in_place(from, to) */
NOVITA_FUNC int novita_lua_digest_sha256 (lua_State *L);
NOVITA_FUNC int novita_lua_digest_base64 (lua_State *L);
NOVITA_FUNC int novita_lua_place_file (lua_State *L);

/* methods that have a file of their own */
NOVITA_FUNC int novita_lua_prepare (lua_State *L);   /* of loops */
NOVITA_FUNC int novita_lua_request (lua_State *L);   /* of clients */
NOVITA_FUNC int novita_lua_upload (lua_State *L);
NOVITA_FUNC int novita_lua_download (lua_State *L);
NOVITA_FUNC int novita_lua_watch (lua_State *L);

/* functions: private_file(path) -> whether it is new; read_private(path, most)
** -> text; versions() -> table */
NOVITA_FUNC int novita_lua_private_file (lua_State *L);
NOVITA_FUNC int novita_lua_private_read (lua_State *L);
NOVITA_FUNC int novita_lua_versions (lua_State *L);
/* a function: fresh_file(path) -> true */
NOVITA_FUNC int novita_lua_fresh_file (lua_State *L);

/* the metatables of the ops behind them */
NOVITA_FUNC void novita_lua_prepare_kind (lua_State *L);
NOVITA_FUNC void novita_lua_request_kind (lua_State *L);
NOVITA_FUNC void novita_lua_upload_kind (lua_State *L);
NOVITA_FUNC void novita_lua_download_kind (lua_State *L);
NOVITA_FUNC void novita_lua_watch_kind (lua_State *L);

/* pictures, synchronously: { decode, new, prepare, probe, kernels } */
NOVITA_FUNC int novita_lua_image (lua_State *L);

/* terminals: { is_terminal, size } */
NOVITA_FUNC int novita_lua_terminal (lua_State *L);
/* a function: signals() -> signals; only the command line calls it */
NOVITA_FUNC int novita_lua_signal (lua_State *L);

#endif
