/*
** stream.c: see stream.h. The server asks for bytes; if none are ready, the
** connection is suspended, and then the server asks again.
*/
#include <lauxlib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "stream.h"

#define BLOCK (32 * 1024)      /* bytes of a piece */
#define SHORTEST_WAIT 0.01     /* seconds */

struct stream {
  struct novita_interpreter *in;
  struct novita_suspend_queue *suspend;
  struct novita_suspended suspended;
  int producer, ended;
  uint64_t length;
};

struct piece {                 /* the arguments and the results of 'produce' */
  int producer;
  uint64_t position;
  char *into;
  size_t most;
  size_t n;
  double wait;                 /* seconds, if 'n' is 0 */
  int ended;
};


static int take_bytes (lua_State *L, struct piece *piece) {
  const char *bytes = lua_tolstring(L, -1, &piece->n);
  if (piece->n > piece->most)
    return luaL_error(L, "a stream made %d bytes, the most are %d",
                      (int)piece->n, (int)piece->most);
  memcpy(piece->into, bytes, piece->n);
  return 0;
}


static int produce (lua_State *L) {
  struct piece *piece = lua_touserdata(L, 1);
  lua_rawgeti(L, LUA_REGISTRYINDEX, piece->producer);
  lua_pushinteger(L, (lua_Integer)piece->position);
  lua_pushinteger(L, (lua_Integer)piece->most);
  lua_call(L, 2, 1);
  switch (lua_type(L, -1)) {
    case LUA_TSTRING: return take_bytes(L, piece);
    case LUA_TNUMBER: piece->wait = lua_tonumber(L, -1); return 0;
    case LUA_TNIL: piece->ended = 1; return 0;
    default: return luaL_error(L, "a stream made a %s", luaL_typename(L, -1));
  }
}


static ssize_t wait_for (struct stream *s, double seconds) {
  if (!(seconds > SHORTEST_WAIT)) seconds = SHORTEST_WAIT;
  if (novita_suspend_add(s->suspend, &s->suspended, seconds) != 0)
    return MHD_CONTENT_READER_END_WITH_ERROR;
  return 0;
}


static ssize_t read_some (void *cls, uint64_t position, char *into,
                          size_t most) {
  struct stream *s = cls;
  char error[512];
  struct piece piece = {s->producer, position, into, most, 0, 0, 0};
  if (novita_interpreter_call(s->in, produce, &piece, error,
                              sizeof error) != 0) {
    fprintf(stderr, "novita.httpd: %s\n", error);
    return MHD_CONTENT_READER_END_WITH_ERROR;
  }
  if (piece.n > 0) return (ssize_t)piece.n;
  if (!piece.ended) return wait_for(s, piece.wait);
  return s->length == MHD_SIZE_UNKNOWN ? MHD_CONTENT_READER_END_OF_STREAM
                                       : MHD_CONTENT_READER_END_WITH_ERROR;
}


static int call_ended (lua_State *L) {
  const struct stream *s = lua_touserdata(L, 1);
  if (lua_rawgeti(L, LUA_REGISTRYINDEX, s->ended) != LUA_TNIL)
    lua_call(L, 0, 0);
  return 0;
}


static void unref_both (struct novita_interpreter *in, int producer,
                        int ended) {
  novita_interpreter_unref(in, producer);
  novita_interpreter_unref(in, ended);
}


static void free_stream (void *cls) {
  struct stream *s = cls;
  char error[512];
  if (novita_interpreter_call(s->in, call_ended, s, error, sizeof error) != 0)
    fprintf(stderr, "novita.httpd: %s\n", error);
  unref_both(s->in, s->producer, s->ended);
  free(s);
}


struct MHD_Response *
novita_stream_new (struct novita_interpreter *in,
                   struct novita_suspend_queue *suspend,
                   struct MHD_Connection *connection,
                   int producer, int ended, uint64_t length) {
  struct MHD_Response *response = NULL;
  struct stream *s = calloc(1, sizeof *s);
  if (s != NULL) {
    s->in = in;
    s->suspend = suspend;
    s->suspended.connection = connection;
    s->producer = producer;
    s->ended = ended;
    s->length = length;
    response = MHD_create_response_from_callback(length, BLOCK, read_some, s,
                                                 free_stream);
  }
  if (response != NULL) return response;
  free(s);
  unref_both(in, producer, ended);
  return NULL;
}
