/*
** terminal.c: core.terminal, for programs that draw lines.
**   is_terminal(file) -> whether an open Lua file is a terminal
**   is_ours(file) -> whether this process is in the foreground: after Ctrl-Z
**     and `bg`, the terminal belongs to the shell. True without job control
**   size(file) -> columns, rows; nothing if the terminal does not report it
*/
#define _DEFAULT_SOURCE
#include <lauxlib.h>
#include <lua.h>
#include <stdio.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "core.h"


static int check_descriptor (lua_State *L) {
  const luaL_Stream *file = luaL_checkudata(L, 1, LUA_FILEHANDLE);
  luaL_argcheck(L, file->closef != NULL, 1, "the file is closed");
  return fileno(file->f);
}


static int terminal_is_terminal (lua_State *L) {
  lua_pushboolean(L, isatty(check_descriptor(L)));
  return 1;
}


static int terminal_is_ours (lua_State *L) {
  pid_t foreground = tcgetpgrp(check_descriptor(L));
  lua_pushboolean(L, foreground == -1 || foreground == getpgrp());
  return 1;
}


static int terminal_size (lua_State *L) {
  struct winsize size;
  if (ioctl(check_descriptor(L), TIOCGWINSZ, &size) != 0 || size.ws_col == 0)
    return 0;
  lua_pushinteger(L, size.ws_col);
  lua_pushinteger(L, size.ws_row);
  return 2;
}


static const luaL_Reg functions[] = {
  {"is_terminal", terminal_is_terminal}, {"is_ours", terminal_is_ours},
  {"size", terminal_size}, {NULL, NULL}
};


int novita_lua_terminal (lua_State *L) {
  luaL_newlib(L, functions);
  return 1;
}
