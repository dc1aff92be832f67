/*
** entry.h: one entry of the header of a safetensors file:
**   "name": { "dtype": "F16", "shape": [8, 320], "data_offsets": [0, 5120] }
*/
#ifndef novita_safetensors_entry_h
#define novita_safetensors_entry_h

#include "../base/json.h"
#include "header.h"

/* everything but the name, which is set before: it is in the messages */
NOVITA_FUNC int novita_safetensors_entry_read (
  struct novita_json entry, struct novita_safetensors_tensor *tensor,
  struct novita_error *e);

/* the code "invalid" and the text "the tensor 'name' has 'what'" */
NOVITA_FUNC int novita_safetensors_entry_fail (
  struct novita_error *e, const char *name, const char *what);

#endif
