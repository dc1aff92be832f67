/*
** json.h: reading a few fields out of a JSON text without building anything.
** 'novita_json_check' walks the whole text once; after it has said yes, a
** value is just the span of its characters, and the look-ups need no checks
** of their own. Nothing is allocated. Full decoding is Lua's business.
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

/* true when the 'len' bytes are one JSON value (RFC 8259) and nothing more */
NOVITA_FUNC bool novita_json_check (const char *text, size_t len,
                                    struct novita_json *root);

/* a member of an object; of duplicates the last, as lua-cjson has it.
** false when there is none, when it is null, or when 'v' is no object */
NOVITA_FUNC bool novita_json_member (struct novita_json v, const char *name,
                                     struct novita_json *member);

/* several members in one walk; 'at' is NULL where novita_json_member is false.
** 'v' may be one of 'members' */
NOVITA_FUNC void novita_json_members (struct novita_json v,
                                      const char *const *names,
                                      struct novita_json *members,
                                      size_t count);

/* walk over the elements of an array or the members of an object:
**   struct novita_json_walk w;
**   for (novita_json_begin(v, &w); novita_json_step(&w); ) ... w.name, w.value
** 'name' is meaningless in an array; over anything else it makes no step */
struct novita_json_walk {
  struct novita_json name, value;
  const char *at;
  bool object;
};
NOVITA_FUNC void novita_json_begin (struct novita_json v,
                                    struct novita_json_walk *w);
NOVITA_FUNC bool novita_json_step (struct novita_json_walk *w);

/* a number, or a string that is one (the service sends both) */
NOVITA_FUNC bool novita_json_number (struct novita_json v, double *number);

/* a string without its escapes, or the very digits of a number; false when it
** is neither, does not fit into 'size' bytes with its NUL, or holds a NUL */
NOVITA_FUNC bool novita_json_text (struct novita_json v, char *out,
                                   size_t size);

#endif
