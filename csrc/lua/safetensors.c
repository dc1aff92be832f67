/*
** safetensors.c: loop:check_safetensors(continuation, path) -> op
** Result: a table of facts about a sound file, or nil, err. The caller adds the
** path to the message.
*/
#include <lauxlib.h>
#include <lua.h>

#include "../event/worker_op.h"
#include "../safetensors/check.h"
#include "../safetensors/dtype.h"
#include "core.h"
#include "error.h"
#include "loop_handle.h"
#include "op.h"

struct check {
  struct novita_worker_op worker;         /* first member */
  const char *path;                       /* anchored by the op */
  struct novita_safetensors_check made;
  struct novita_error error;
};


static void run (struct novita_worker_job *job,
                 struct novita_worker_local *kept) {
  struct check *c = NOVITA_CONTAINER_OF(job, struct check, worker.job);
  (void)kept;
  novita_error_clear(&c->error);
  novita_safetensors_check_file(c->path, &job->memory, &c->made, &c->error);
}


/* {====== facts ====== */

static void set_integer (lua_State *L, const char *name, uint64_t value) {
  lua_pushinteger(L, (lua_Integer)value);
  lua_setfield(L, -2, name);
}


/* a number without a fraction becomes an integer: alpha 8, not 8.0 */
static void set_number (lua_State *L, const char *name, double value) {
  int is_whole;
  lua_Integer whole;
  lua_pushnumber(L, value);
  whole = lua_tointegerx(L, -1, &is_whole);
  if (is_whole) {
    lua_pop(L, 1);
    lua_pushinteger(L, whole);
  }
  lua_setfield(L, -2, name);
}


static void set_word (lua_State *L, const char *name, const char *word) {
  lua_pushstring(L, word);  /* nil for NULL */
  lua_setfield(L, -2, name);
}


static void push_dtypes (lua_State *L,
                         const struct novita_safetensors_header *h) {
  uint64_t count[NOVITA_SAFETENSORS_DTYPES] = {0};
  size_t i;
  for (i = 0; i < h->tensors; i++) count[h->tensor[i].dtype]++;
  lua_newtable(L);
  for (i = 0; i < NOVITA_SAFETENSORS_DTYPES; i++)
    if (count[i] > 0)
      set_integer(L, novita_safetensors_dtype_table[i].name, count[i]);
}


static void set_counts (lua_State *L,
                        const struct novita_safetensors_header *h) {
  uint64_t zero = 0, large = 0, parameters = 0;
  size_t i;
  for (i = 0; i < h->tensors; i++) {
    zero += h->tensor[i].zero && h->tensor[i].elements > 0;
    large += h->tensor[i].large && h->tensor[i].dimensions > 1;
    parameters += h->tensor[i].elements;
  }
  set_integer(L, "tensors", h->tensors);
  set_integer(L, "zero_tensors", zero);
  set_integer(L, "large_tensors", large);
  set_integer(L, "parameters", parameters);
}


static void push_modules (lua_State *L,
                          const struct novita_safetensors_lora *l) {
  size_t i;
  lua_newtable(L);
  for (i = 0; i < l->kinds; i++) {
    lua_newtable(L);
    set_integer(L, "rank", l->modules[i].rank);
    set_number(L, "alpha", l->modules[i].alpha);
    set_integer(L, "count", l->modules[i].count);
    lua_rawseti(L, -2, (lua_Integer)i + 1);
  }
}


static void set_lora (lua_State *L, const struct novita_safetensors_lora *l) {
  static const char *const dialects[] = {NULL, "kohya", "diffusers", "peft"};
  static const char *const bases[] = {NULL, "sd15", "sd2", "sdxl"};
  set_word(L, "base", bases[l->base]);
  if (l->kinds == 0) return;
  set_word(L, "dialect", dialects[l->dialect]);
  set_integer(L, "rank", l->modules[0].rank);
  set_number(L, "alpha", l->modules[0].alpha);
  push_modules(L, l);
  lua_setfield(L, -2, "modules");
}


static void push_metadata (lua_State *L,
                           const struct novita_safetensors_header *h) {
  size_t i;
  lua_newtable(L);
  for (i = 0; i < h->pairs; i++)
    set_word(L, h->metadata[i].name, h->metadata[i].value);
}


static int check_results (lua_State *L, void *op) {
  const struct check *c = op;
  if (c->error.kind != NOVITA_ERROR_NONE)
    return novita_lua_error_return(L, &c->error);
  lua_newtable(L);
  set_integer(L, "size", c->made.size);
  set_integer(L, "header_size", c->made.header_size);
  set_counts(L, &c->made.header);
  push_dtypes(L, &c->made.header);
  lua_setfield(L, -2, "dtypes");
  set_lora(L, &c->made.lora);
  push_metadata(L, &c->made.header);
  lua_setfield(L, -2, "metadata");
  return 1;
}

/* }====== */


static void check_release (void *op) {
  novita_safetensors_check_free(&((struct check *)op)->made);
}


static const struct novita_lua_op_type check_kind = {
  "novita.core.check_safetensors", check_results, NULL, check_release, false,
  true
};


int novita_lua_safetensors (lua_State *L) {
  struct novita_loop *loop = novita_lua_loop_handle_check(L, 1);
  const char *path = luaL_checkstring(L, 3);
  struct check *c;
  struct novita_error e;
  lua_settop(L, 3);
  c = novita_lua_op_new(L, &check_kind, sizeof *c);
  novita_lua_op_anchor(L, 4, 3);
  c->path = path;
  c->worker.job.run = run;
  novita_lua_op_hold(L, 4, 1, 2, 1);
  if (novita_worker_op_start(loop, &c->worker, &e) == 0) return 1;
  novita_lua_op_drop(L, 4, 1);
  return novita_lua_error_return(L, &e);
}


void novita_lua_safetensors_kind (lua_State *L) {
  novita_lua_op_kind(L, &check_kind, NULL);
}
