/*
** prepare_options.h: 'struct novita_prepare_options' from a table of options.
*/
#ifndef novita_lua_prepare_options_h
#define novita_lua_prepare_options_h

#include <lua.h>

#include "../image/prepare/prepare.h"

/* which groups of options a table may have */
enum novita_options {
  NOVITA_OPTIONS_GEOMETRY = 1,    /* width height size fit filter linear crop */
  NOVITA_OPTIONS_ENCODER = 2,     /* format quality chroma lossless optimize
                                  ** effort */
  NOVITA_OPTIONS_SOURCE = 4,      /* lenient limits */
  NOVITA_OPTIONS_BACKGROUND = 8,  /* background */
  NOVITA_OPTIONS_CHANNELS = 16,   /* channels: the caller reads it */
  NOVITA_OPTIONS_PIPELINE = 32    /* pass_through keep_metadata planes */
};

/* fill 'options' with the defaults and then from the table at 'index' (none
** and nil count as an empty table). 'groups' is a set of enum novita_options.
** Raises on an unknown or wrong option; the message names the option, its
** value and what is allowed. */
NOVITA_FUNC void novita_lua_prepare_options_read (
  lua_State *L, int index, int groups, struct novita_prepare_options *options);

/* the same for novita_image_prepare: all options but 'channels' */
NOVITA_FUNC void novita_lua_prepare_options_check (
  lua_State *L, int index, struct novita_prepare_options *options);

#endif
