/*
** rules.c: see rules.h
*/
#define _GNU_SOURCE 1

#include <lauxlib.h>
#include <lualib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules.h"

struct setup {               /* arguments of open_rules */
  struct novita_rules *rules;
  const struct novita_rules_options *options;
  int port;
};

struct evaluation {          /* arguments of evaluate */
  struct novita_rules *rules;
  struct novita_httpd_context context;
  const char *method;
  const struct novita_httpd_request *request;
  struct novita_httpd_response *response;
  int next;                  /* LUA_NOREF: call 'handle' */
};


/* {====== open ====== */

/* package.path and package.cpath are those of the calling state */
static void copy_path (lua_State *L, lua_State *from, const char *field) {
  lua_getglobal(from, "package");
  lua_getfield(from, -1, field);
  lua_getglobal(L, "package");
  lua_pushstring(L, lua_tostring(from, -1));
  lua_setfield(L, -2, field);
  lua_pop(L, 1);
  lua_pop(from, 2);
}


/* modules that are compiled into the program, which have no file */
static void copy_preloaded (lua_State *L, lua_State *from) {
  luaL_getsubtable(L, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  luaL_getsubtable(from, LUA_REGISTRYINDEX, LUA_PRELOAD_TABLE);
  lua_pushnil(from);
  while (lua_next(from, -2)) {
    lua_CFunction open = lua_tocfunction(from, -1);
    if (open != NULL && lua_type(from, -2) == LUA_TSTRING) {
      lua_pushcfunction(L, open);
      lua_setfield(L, -2, lua_tostring(from, -2));
    }
    lua_pop(from, 1);
  }
  lua_pop(from, 1);
  lua_pop(L, 1);
}


static int ref_field (lua_State *L, const char *name) {
  lua_getfield(L, -1, name);
  return luaL_ref(L, LUA_REGISTRYINDEX);
}


/* require(entry).open(options, port) -> { handle =, control =, tick = } */
static int open_rules (lua_State *L) {
  const struct setup *setup = lua_touserdata(L, 1);
  luaL_openlibs(L);
  copy_path(L, setup->options->from, "path");
  copy_path(L, setup->options->from, "cpath");
  copy_preloaded(L, setup->options->from);
  lua_getglobal(L, "require");
  lua_pushstring(L, setup->options->entry);
  lua_call(L, 1, 1);
  lua_getfield(L, -1, "open");
  lua_pushstring(L, setup->options->options);
  lua_pushinteger(L, setup->port);
  lua_call(L, 2, 1);
  luaL_checktype(L, -1, LUA_TTABLE);
  setup->rules->handle = ref_field(L, "handle");
  setup->rules->control = ref_field(L, "control");
  setup->rules->tick = ref_field(L, "tick");
  return 0;
}


int novita_rules_open (struct novita_rules *rules,
                       const struct novita_rules_options *options,
                       int port, char *error, size_t size) {
  struct setup setup = {rules, options, port};
  rules->tick_error[0] = '\0';
  if (novita_interpreter_open(&rules->in) != 0) {
    snprintf(error, size, "not enough memory");
    return -1;
  }
  if (novita_interpreter_call(&rules->in, open_rules, &setup, error,
                              size) == 0)
    return 0;
  novita_rules_close(rules);
  return -1;
}


void novita_rules_close (struct novita_rules *rules) {
  novita_interpreter_close(&rules->in);
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


static void push_socket (lua_State *L, struct MHD_Connection *connection) {
  const union MHD_ConnectionInfo *info =
    MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
  lua_pushinteger(L, info != NULL ? info->connect_fd : -1);
}


/* the body's file, at the end of the body */
static void push_spool (lua_State *L, const struct novita_spool *spool) {
  if (spool->path == NULL) return;
  lua_pushstring(L, spool->path);
  lua_setfield(L, -2, "file");
  if (spool->error == 0) return;
  lua_pushstring(L, strerror(spool->error));
  lua_setfield(L, -2, "file_error");
}


static void push_request (lua_State *L, const struct evaluation *e) {
  const struct novita_httpd_request *r = e->request;
  struct header_list list = {L, 0};
  lua_createtable(L, 0, 8);
  lua_pushstring(L, e->method);
  lua_setfield(L, -2, "method");
  lua_pushstring(L, r->target);
  lua_setfield(L, -2, "target");
  lua_pushlstring(L, r->body != NULL ? r->body : "", r->len);
  lua_setfield(L, -2, "body");
  lua_pushinteger(L, (lua_Integer)r->received);
  lua_setfield(L, -2, "size");
  push_spool(L, &r->spool);
  lua_pushboolean(L, r->oversize);
  lua_setfield(L, -2, "oversize");
  lua_pushboolean(L, r->dropped);
  lua_setfield(L, -2, "dropped");
  lua_pushboolean(L, r->phase == NOVITA_PHASE_HEAD);
  lua_setfield(L, -2, "head");
  push_socket(L, e->context.connection);
  lua_setfield(L, -2, "socket");
  lua_createtable(L, 16, 0);
  MHD_get_connection_values(e->context.connection, MHD_HEADER_KIND,
                            push_header, &list);
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
  if (novita_httpd_response_read(L, e->response, &e->context) != 0)
    return luaL_error(L, "not a response");
  return 0;
}


/* an error in the rules is a bug: report it on stderr */
static int panic_response (const char *error,
                           struct novita_httpd_response *response) {
  static char body[] = "{\"code\":500,\"reason\":\"UNKNOWN\",\"message\":"
                       "\"unknown request error\",\"metadata\":{}}";
  fprintf(stderr, "novita.httpd: %s\n", error);
  response->act = NOVITA_ACTION_SEND;
  response->status = 500;
  response->next = LUA_NOREF;
  response->response = MHD_create_response_from_buffer(sizeof body - 1, body,
                                                       MHD_RESPMEM_PERSISTENT);
  return response->response != NULL ? 0 : -1;
}


static int run (struct evaluation *e) {
  char error[512];
  if (novita_interpreter_call(&e->rules->in, evaluate, e, error,
                              sizeof error) == 0)
    return 0;
  return panic_response(error, e->response);
}


int novita_rules_handle (struct novita_rules *rules,
                         struct novita_suspend_queue *suspend,
                         const char *method,
                         const struct novita_httpd_request *request,
                         struct novita_httpd_response *response) {
  struct evaluation e = {
    rules, {&rules->in, suspend, request->suspended.connection}, method,
    request, response, LUA_NOREF};
  return run(&e);
}


int novita_rules_resume (struct novita_rules *rules,
                         struct novita_suspend_queue *suspend,
                         struct MHD_Connection *connection, int next,
                         struct novita_httpd_response *response) {
  struct evaluation e = {rules, {&rules->in, suspend, connection}, NULL, NULL,
                         response, next};
  return run(&e);
}


void novita_rules_forget (struct novita_rules *rules, int next) {
  novita_interpreter_unref(&rules->in, next);
}

/* }====== */


/* {====== ticks and controls ====== */

static int run_tick (lua_State *L) {
  const struct novita_rules *rules = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, rules->tick);
  lua_call(L, 0, 0);
  return 0;
}


void novita_rules_tick (struct novita_rules *rules) {
  char error[sizeof rules->tick_error];
  if (rules->tick == LUA_REFNIL ||
      novita_interpreter_call(&rules->in, run_tick, rules, error,
                              sizeof error) == 0 ||
      strcmp(error, rules->tick_error) == 0)
    return;
  fprintf(stderr, "novita.httpd: %s\n", error);
  memcpy(rules->tick_error, error, sizeof error);
}


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
  char error[512];
  *done = novita_interpreter_call(&rules->in, run_control, &call, error,
                                  sizeof error) == 0;
  if (!*done) {
    call.result = strdup(error);
    call.len = strlen(error);
  }
  *len = call.len;
  return call.result;
}

/* }====== */
