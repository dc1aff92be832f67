/*
** rules.c: see rules.h. Everything that can raise runs inside a pcall; the
** stack is empty between two calls.
*/
#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "crypto.h"
#include "rules.h"

#define CRYPTO "novita.service.crypto"
#define RULES "novita.emulator.rules"

struct setup {               /* arguments of open_rules, through a pcall */
  struct novita_rules *rules;
  const char *path, *cpath;
  lua_CFunction core;
  const char *options;
  int port;
};

struct evaluation {          /* arguments of evaluate, through a pcall */
  struct novita_rules *rules;
  struct novita_suspend_queue *suspend;
  struct MHD_Connection *connection;
  const char *method;
  const struct novita_httpd_request *request;
  struct novita_httpd_response *response;
  int next;                  /* LUA_NOREF: call 'handle' */
};


static int traceback (lua_State *L) {
  luaL_traceback(L, L, luaL_tolstring(L, 1, NULL), 1);
  return 1;
}


static int protected_call (lua_State *L, lua_CFunction f, void *arg) {
  lua_settop(L, 0);
  lua_pushcfunction(L, traceback);
  lua_pushcfunction(L, f);
  lua_pushlightuserdata(L, arg);
  return lua_pcall(L, 1, 1, 1);
}


static void keep_error (struct novita_rules *rules) {
  const char *text = lua_tostring(rules->L, -1);
  snprintf(rules->error, sizeof rules->error, "%s",
           text != NULL ? text : "unknown error");
}


/* {====== open ====== */

static void set_path (lua_State *L, const char *field, const char *value) {
  lua_getglobal(L, "package");
  lua_pushstring(L, value);
  lua_setfield(L, -2, field);
  lua_pop(L, 1);
}


static void preload (lua_State *L, const char *name, lua_CFunction open) {
  if (open == NULL) return;
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushcfunction(L, open);
  lua_setfield(L, -2, name);
  lua_pop(L, 1);
}


/* require(RULES).open(options, port) -> { handle =, control = } */
static int open_rules (lua_State *L) {
  const struct setup *setup = lua_touserdata(L, 1);
  luaL_openlibs(L);
  set_path(L, "path", setup->path);
  set_path(L, "cpath", setup->cpath);
  preload(L, "novita.core", setup->core);
  luaL_requiref(L, CRYPTO, novita_httpd_crypto, 0);
  lua_getglobal(L, "require");
  lua_pushstring(L, RULES);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "open");
  lua_pushstring(L, setup->options);
  lua_pushinteger(L, setup->port);
  lua_call(L, 2, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  lua_getfield(L, -1, "handle");
  setup->rules->handle = luaL_ref(L, LUA_REGISTRYINDEX);
  lua_getfield(L, -1, "control");
  setup->rules->control = luaL_ref(L, LUA_REGISTRYINDEX);
  return 0;
}


int novita_rules_open (struct novita_rules *rules, const char *path,
                       const char *cpath, lua_CFunction core,
                       const char *options, int port) {
  struct setup setup = {rules, path, cpath, core, options, port};
  pthread_mutex_init(&rules->lock, NULL);
  rules->L = luaL_newstate();
  if (rules->L == NULL) {
    snprintf(rules->error, sizeof rules->error, "not enough memory");
    return -1;
  }
  if (protected_call(rules->L, open_rules, &setup) == LUA_OK) return 0;
  keep_error(rules);
  novita_rules_close(rules);
  return -1;
}


void novita_rules_close (struct novita_rules *rules) {
  if (rules->L != NULL) lua_close(rules->L);
  rules->L = NULL;
  pthread_mutex_destroy(&rules->lock);
}

/* }====== */


/* {====== requests ====== */

struct header_list {
  lua_State *L;
  lua_Integer n;
};


static enum MHD_Result push_header (void *cls, enum MHD_ValueKind kind,
                                    const char *name, const char *value) {
  struct header_list *list = cls;
  (void)kind;
  lua_pushstring(list->L, name);
  lua_rawseti(list->L, -2, ++list->n);
  lua_pushstring(list->L, value != NULL ? value : "");
  lua_rawseti(list->L, -2, ++list->n);
  return MHD_YES;
}


static void push_request (lua_State *L, const struct evaluation *e) {
  struct header_list list = {L, 0};
  lua_createtable(L, 0, 8);
  lua_pushstring(L, e->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, e->request->target);
  lua_setfield(L, -2, "target");
  lua_pushlstring(L, e->request->body != NULL ? e->request->body : "",
                  e->request->len);
  lua_setfield(L, -2, "body");
  lua_pushboolean(L, e->request->oversize);
  lua_setfield(L, -2, "oversize");
  lua_pushboolean(L, e->request->phase == NOVITA_PHASE_HEAD);
  lua_setfield(L, -2, "head");
  lua_createtable(L, 16, 0);
  MHD_get_connection_values(e->connection, MHD_HEADER_KIND, push_header,
                            &list);
  lua_setfield(L, -2, "header_list");
}


static int evaluate (lua_State *L) {
  const struct evaluation *e = lua_touserdata(L, 1);
  int args = 0;
  if (e->next == LUA_NOREF) {
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->rules->handle);
    push_request(L, e);
    args = 1;
  }
  else {
    lua_rawgeti(L, LUA_REGISTRYINDEX, e->next);
    luaL_unref(L, LUA_REGISTRYINDEX, e->next);
  }
  lua_call(L, args, 1);
  if (novita_httpd_response_read(L, e->response, e->suspend,
                                    e->connection) != 0)
    return luaL_error(L, "not a response");
  return 0;
}


/* an error in the rules is a bug of the emulator: report it on stderr */
static int panic_response (struct novita_rules *rules,
                           struct novita_httpd_response *response) {
  static char body[] = "{\"code\":500,\"reason\":\"UNKNOWN\",\"message\":"
                       "\"unknown request error\",\"metadata\":{}}";
  keep_error(rules);
  fprintf(stderr, "novita.emulator: %s\n", rules->error);
  response->act = NOVITA_ACTION_SEND;
  response->status = 500;
  response->response = MHD_create_response_from_buffer(sizeof body - 1, body,
                                                       MHD_RESPMEM_PERSISTENT);
  return response->response != NULL ? 0 : -1;
}


static int run_locked (struct evaluation *e) {
  int r = 0;
  pthread_mutex_lock(&e->rules->lock);
  if (protected_call(e->rules->L, evaluate, e) != LUA_OK)
    r = panic_response(e->rules, e->response);
  lua_settop(e->rules->L, 0);
  pthread_mutex_unlock(&e->rules->lock);
  return r;
}


int novita_rules_handle (struct novita_rules *rules,
                         struct novita_suspend_queue *suspend,
                         struct MHD_Connection *connection,
                         const char *method,
                         const struct novita_httpd_request *request,
                         struct novita_httpd_response *response) {
  struct evaluation e = {rules, suspend, connection, method, request,
                         response, LUA_NOREF};
  return run_locked(&e);
}


int novita_rules_resume (struct novita_rules *rules,
                         struct novita_suspend_queue *suspend,
                         struct MHD_Connection *connection, int next,
                         struct novita_httpd_response *response) {
  struct evaluation e = {rules, suspend, connection, NULL, NULL, response,
                         next};
  return run_locked(&e);
}


void novita_rules_forget (struct novita_rules *rules, int next) {
  pthread_mutex_lock(&rules->lock);
  luaL_unref(rules->L, LUA_REGISTRYINDEX, next);
  pthread_mutex_unlock(&rules->lock);
}

/* }====== */


/* {====== controls ====== */

struct control_call {
  const struct novita_rules *rules;
  const char *name, *text;
  size_t text_len;
  char *result;
  size_t len;
};


static int run_control (lua_State *L) {
  struct control_call *call = lua_touserdata(L, 1);
  const char *text;
  lua_rawgeti(L, LUA_REGISTRYINDEX, call->rules->control);
  lua_pushstring(L, call->name);
  lua_pushlstring(L, call->text, call->text_len);
  lua_call(L, 2, 1);
  text = luaL_checklstring(L, -1, &call->len);
  call->result = malloc(call->len + 1);
  if (call->result == NULL) return luaL_error(L, "not enough memory");
  memcpy(call->result, text, call->len + 1);
  return 0;
}


char *novita_rules_control (struct novita_rules *rules, const char *name,
                            const char *text, size_t text_len, size_t *len,
                            bool *done) {
  struct control_call call = {rules, name, text, text_len, NULL, 0};
  pthread_mutex_lock(&rules->lock);
  *done = protected_call(rules->L, run_control, &call) == LUA_OK;
  if (!*done) {
    keep_error(rules);
    call.result = strdup(rules->error);
    call.len = strlen(rules->error);
  }
  lua_settop(rules->L, 0);
  pthread_mutex_unlock(&rules->lock);
  *len = call.len;
  return call.result;
}

/* }====== */
