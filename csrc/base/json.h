/*
** json.h: read a few fields of a JSON text without building a tree.
** 'novita_json_check' checks the whole text once. After that, a value is just
** the span of its characters, and the lookups need no further checks. Nothing
** is allocated. Full decoding is done in Lua.
*/
#ifndef novita_base_json_h
#define novita_base_json_h

#include <stdbool.h>
#include <stddef.h>

#include "func.h"

#define NOVITA_JSON_DEPTH 64  /* deeper texts are refused */

struct novita_json {
  const char *at;   /* first character of a value */
  const char *end;  /* of the whole text, not of the value */
};

/* true if the 'len' bytes are exactly one JSON value (RFC 8259) */
NOVITA_FUNC bool novita_json_check (const char *text, size_t len,
                                    struct novita_json *root);

/* a member of an object; the last one of duplicates, as in lua-cjson. False
** if it is missing or null, or if 'v' is not an object */
NOVITA_FUNC bool novita_json_member (struct novita_json v, const char *name,
                                     struct novita_json *member);

/* several members in one walk; 'at' is NULL where novita_json_member would
** return false. 'v' may be one of 'members' */
NOVITA_FUNC void novita_json_members (struct novita_json v,
                                      const char *const *names,
                                      struct novita_json *members,
                                      size_t count);

/* walk over the elements of an array or the members of an object:
**   struct novita_json_walk w;
**   for (novita_json_begin(v, &w); novita_json_step(&w); ) ... w.name, w.value
** 'name' is meaningless in an array. Any other value has no steps. */
struct novita_json_walk {
  struct novita_json name, value;
  const char *at;
  bool object;
};
NOVITA_FUNC void novita_json_begin (struct novita_json v,
                                    struct novita_json_walk *w);
NOVITA_FUNC bool novita_json_step (struct novita_json_walk *w);

/* a number, or a string that contains one (the service sends both) */
NOVITA_FUNC bool novita_json_number (struct novita_json v, double *number);

/* a string without its escapes, or a number as its exact digits; false if the
** value is neither, does not fit into 'size' bytes with its NUL, or contains a
** NUL */
NOVITA_FUNC bool novita_json_text (struct novita_json v, char *out,
                                   size_t size);

#endif
