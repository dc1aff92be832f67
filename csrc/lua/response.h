/*
** response.h: responses of the service, and failures without one, as Lua
** values.
*/
#ifndef novita_lua_response_h
#define novita_lua_response_h

#include <lua.h>

#include "../http/request.h"

/* push nil and an error object for a request without a response */
NOVITA_FUNC int
novita_lua_response_push_failure (lua_State *L, const struct novita_error *e,
                                  const struct novita_request *request);
/* push what is known of a response: status, body, attempts, retry_after, date,
** content_range, etag */
NOVITA_FUNC int
novita_lua_response_push (lua_State *L, const struct novita_request *request);
/* push what is known of a request that pauses before another attempt: the
** number of that attempt, the maximum of attempts, and what happened */
NOVITA_FUNC int
novita_lua_response_push_pause (lua_State *L,
                                const struct novita_request *request);
/* set integer, number and string fields of the table on the top */
NOVITA_FUNC void
novita_lua_response_set_fields (lua_State *L, long status, double retry_after,
                                const struct novita_buffer *body);

#endif
