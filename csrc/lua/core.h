/*
** core.h: the parts of the C module 'novita.core'. Each opener pushes one
** value, which core.c stores in a field of the module.
*/
#ifndef novita_lua_core_h
#define novita_lua_core_h

#include <lua.h>

#include "../base/func.h"

/* the metatable of error objects, empty: novita.error fills it */
NOVITA_FUNC int novita_lua_error (lua_State *L);
/* a function: one_line(text) -> text */
NOVITA_FUNC int novita_lua_error_one_line (lua_State *L);
/* a function: coroutine_main(fn, ...) */
NOVITA_FUNC int novita_lua_coroutine_main (lua_State *L);
/* a function: loop(options) -> loop */
NOVITA_FUNC int novita_lua_loop (lua_State *L);
/* a function: client(loop, options) -> client */
NOVITA_FUNC int novita_lua_client (lua_State *L);

/* functions: sha256() -> hash, base64(text) -> text, random_hex(count) */
NOVITA_FUNC int novita_lua_digest_sha256 (lua_State *L);
NOVITA_FUNC int novita_lua_digest_base64 (lua_State *L);
NOVITA_FUNC int novita_lua_digest_random_hex (lua_State *L);

/* a function: part_file(path) -> part */
NOVITA_FUNC int novita_lua_part_file (lua_State *L);

/* functions: create_file(path) -> true;
** create_private_file(path) -> whether it is new;
** read_private_file(path, limit) -> text; is_journal_locked(path) -> boolean;
** remove_file(path) -> true; free_space(path) -> bytes */
NOVITA_FUNC int novita_lua_files_create (lua_State *L);
NOVITA_FUNC int novita_lua_files_create_private (lua_State *L);
NOVITA_FUNC int novita_lua_files_read_private (lua_State *L);
NOVITA_FUNC int novita_lua_files_is_journal_locked (lua_State *L);
NOVITA_FUNC int novita_lua_files_remove (lua_State *L);
NOVITA_FUNC int novita_lua_files_free_space (lua_State *L);

/* functions: before(left, right) -> boolean; before_naturally(left, right);
** json_string(text) -> text */
NOVITA_FUNC int novita_lua_text_before (lua_State *L);
NOVITA_FUNC int novita_lua_text_before_naturally (lua_State *L);
NOVITA_FUNC int novita_lua_text_json_string (lua_State *L);

/* a function: versions() -> table */
NOVITA_FUNC int novita_lua_versions (lua_State *L);

/* methods that are implemented in separate files */
NOVITA_FUNC int novita_lua_prepare (lua_State *L);   /* of loops */
NOVITA_FUNC int novita_lua_safetensors (lua_State *L);
NOVITA_FUNC int novita_lua_part_file_save (lua_State *L);
NOVITA_FUNC int novita_lua_faces (lua_State *L);
NOVITA_FUNC int novita_lua_request (lua_State *L);   /* of clients */
NOVITA_FUNC int novita_lua_upload (lua_State *L);
NOVITA_FUNC int novita_lua_download (lua_State *L);
NOVITA_FUNC int novita_lua_watch (lua_State *L);
NOVITA_FUNC int novita_lua_digest_account (lua_State *L);

/* functions: status_class(status) -> name; legacy_status(code) -> status */
NOVITA_FUNC int novita_lua_status_class (lua_State *L);
NOVITA_FUNC int novita_lua_status_class_legacy (lua_State *L);

/* register the metatables of the ops that these methods return */
NOVITA_FUNC void novita_lua_prepare_kind (lua_State *L);
NOVITA_FUNC void novita_lua_safetensors_kind (lua_State *L);
NOVITA_FUNC void novita_lua_part_file_save_kind (lua_State *L);
NOVITA_FUNC void novita_lua_faces_kind (lua_State *L);
NOVITA_FUNC void novita_lua_request_kind (lua_State *L);
NOVITA_FUNC void novita_lua_upload_kind (lua_State *L);
NOVITA_FUNC void novita_lua_download_kind (lua_State *L);
NOVITA_FUNC void novita_lua_watch_kind (lua_State *L);

/* images, synchronously: { new, decode, probe, sniff, missing, kernels,
** face_crop, face_head }; the last two are functions of faces.c */
NOVITA_FUNC int novita_lua_image (lua_State *L);
NOVITA_FUNC int novita_lua_faces_crop (lua_State *L);
NOVITA_FUNC int novita_lua_faces_head (lua_State *L);

/* terminals: { is_terminal, is_ours, size } */
NOVITA_FUNC int novita_lua_terminal (lua_State *L);
/* a function: signals() -> signals; only the command line calls it */
NOVITA_FUNC int novita_lua_signal (lua_State *L);

#endif
