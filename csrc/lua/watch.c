/*
** watch.c: client:watch(continuation, kind, task_id, first) -> op
**   kind      "subject" | "style" | "image"
**   first     seconds until the first poll; default: 0
** op:listen(every): an event for every change, not only for the end
** op:progress() -> stage, percent | nil, eta | nil, task_status | nil,
**   model_status | nil, polls
** op:last_error() -> the error of the last poll, or nil
** op:task_id()
** Events: the stage, and the task_status and the model_status if they are not
** known. Result: text, stage; or nil, err. The text is the model's name if a
** training is serving ("" if the response has no name), otherwise the body of
** the last response. No table is made, so that even ten thousand trainings
** that end are cheap.
*/
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <string.h>

#include "../http/curl_error.h"
#include "response.h"
#include "error.h"
#include "client_handle.h"
#include "op.h"
#include "core.h"

#define LONGEST_ID 255

/* by enum novita_stage */
static const char *const stages[] = {
  "unknown", "queuing", "training", "deploying", "serving", "failed",
  "canceled"
};


struct lua_watch {
  struct novita_watch watch;  /* first member */
  char task_id[];
};


static void push_known (lua_State *L, double x) {
  if (x >= 0) lua_pushnumber(L, x);
  else lua_pushnil(L);
}


static void push_unknown (lua_State *L, const char *word) {
  if (word[0] != '\0') lua_pushstring(L, word);
  else lua_pushnil(L);
}


static int watch_events (lua_State *L, void *op) {
  struct novita_watch *w = op;
  lua_pushstring(L, stages[w->stage]);
  if (w->unknown == NULL) return 1;
  push_unknown(L, w->unknown->task);
  push_unknown(L, w->unknown->model);
  return 3;
}


static int watch_failed (lua_State *L, const struct novita_watch *w) {
  const struct novita_watch_result *o = w->result;
  int n = novita_lua_error_return(L, &o->error);
  lua_pushstring(L, w->poll.task_id);
  lua_setfield(L, -2, "task_id");
  if (o->error.kind == NOVITA_ERROR_API)
    novita_lua_response_set_fields(L, o->status, 0, &o->body);
  return n;
}


static void push_model (lua_State *L, struct novita_json model) {
  luaL_Buffer b;
  size_t size = model.at != NULL ? (size_t)(model.end - model.at) : 0;
  char *name = luaL_buffinitsize(L, &b, size);
  bool reported = size > 0 && novita_json_text(model, name, size);
  luaL_pushresultsize(&b, reported ? strlen(name) : 0);
}


static int watch_results (lua_State *L, void *op) {
  struct novita_watch *w = op;
  struct novita_error e;
  if (w->result == NULL) {
    novita_error_set_memory(&e);
    return novita_lua_error_return(L, &e);
  }
  if (w->result->error.kind != NOVITA_ERROR_NONE) return watch_failed(L, w);
  if (w->stage == NOVITA_STAGE_SERVING && novita_watch_kind_of(w)->trains)
    push_model(L, w->result->model_name);
  else
    lua_pushlstring(L, w->result->body.data, w->result->body.len);
  lua_pushstring(L, stages[w->stage]);
  return 2;
}


static void watch_release (void *op) {
  novita_watch_free(op);
}


static const struct novita_lua_op_type watch_kind = {
  "novita.core.watch", watch_results, watch_events, watch_release, false, false
};


static int watch_progress (lua_State *L) {
  struct novita_watch *w = luaL_checkudata(L, 1, watch_kind.name);
  lua_pushstring(L, stages[w->stage]);
  push_known(L, (double)w->percent);
  push_known(L, (double)w->eta);
  lua_pushstring(L, novita_watch_task_word(w));  /* nil for NULL */
  lua_pushstring(L, novita_watch_model_word(w));
  lua_pushinteger(L, w->polls);
  return 6;
}


/* A status without a code becomes the code, as for any request. */
static void push_poll_error (lua_State *L,
                             const struct novita_poll_error *error) {
  struct novita_error e;
  char code[sizeof "HTTP_65535"];
  snprintf(code, sizeof code, "HTTP_%d", error->status);
  if (error->code == NULL)
    novita_error_set(&e, error->kind, code, "status %d", error->status);
  else
    novita_error_set(&e, error->kind, error->code, "%s",
                     novita_curl_error_text(error->code));
  novita_lua_error_push(L, &e);
}


static int watch_last_error (lua_State *L) {
  struct novita_watch *w = luaL_checkudata(L, 1, watch_kind.name);
  if (w->last_error.kind == NOVITA_ERROR_NONE) return 0;
  push_poll_error(L, &w->last_error);
  lua_pushstring(L, w->poll.task_id);
  lua_setfield(L, -2, "task_id");
  lua_pushboolean(L, novita_poll_result_error_retryable(&w->last_error));
  lua_setfield(L, -2, "retryable");
  if (w->last_error.status == 0) return 1;
  lua_pushinteger(L, w->last_error.status);
  lua_setfield(L, -2, "status");
  return 1;
}


static int watch_task_id (lua_State *L) {
  struct lua_watch *w = luaL_checkudata(L, 1, watch_kind.name);
  lua_pushstring(L, w->task_id);
  return 1;
}


static int watch_listen (lua_State *L) {
  struct novita_watch *w = luaL_checkudata(L, 1, watch_kind.name);
  w->listening = lua_toboolean(L, 2);
  return 0;
}


static const luaL_Reg methods[] = {
  {"progress", watch_progress}, {"last_error", watch_last_error},
  {"task_id", watch_task_id}, {"listen", watch_listen}, {NULL, NULL}
};


int novita_lua_watch (lua_State *L) {
  struct novita_lua_client *client = novita_lua_client_handle_check(L, 1);
  const struct novita_watch_kind *kind =
    novita_watch_kind_find(luaL_checkstring(L, 3));
  size_t n;
  const char *id = luaL_checklstring(L, 4, &n);
  double first = luaL_optnumber(L, 5, 0);
  struct lua_watch *w;
  luaL_argcheck(L, kind != NULL, 3, "unknown kind of task");
  luaL_argcheck(L, first >= 0, 5, "must be a number of seconds >= 0");
  luaL_argcheck(L, n > 0 && n <= LONGEST_ID && strlen(id) == n, 4,
                "not a task id");
  lua_settop(L, 4);
  w = novita_lua_op_new(L, &watch_kind, sizeof *w + n + 1);
  memcpy(w->task_id, id, n + 1);
  novita_lua_client_handle_hold(L, 5);
  if (novita_watch_start(&client->watcher, &w->watch, kind, w->task_id,
                         first) != 0) {
    lua_getiuservalue(L, 1, 1);
    novita_lua_op_drop(L, 5, lua_gettop(L));
    return novita_lua_error_raise_memory(L);
  }
  return 1;
}


void novita_lua_watch_kind (lua_State *L) {
  novita_lua_op_kind(L, &watch_kind, methods);
}
