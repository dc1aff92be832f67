/*
** values.h: check the values of a safetensors file while its data passes, in
** pieces of any length. No value may be NaN or infinite, and each tensor learns
** whether it has only zeros, and floats of 2 or more. Costs one pass over the
** bytes; nothing is allocated.
*/
#ifndef novita_safetensors_values_h
#define novita_safetensors_values_h

#include "header.h"

struct novita_safetensors_values {
  struct novita_safetensors_header *header;
  size_t tensor;            /* the one whose data is next */
  uint64_t at;              /* bytes so far */
  uint8_t carry[8];         /* the start of a value that a piece has cut */
  size_t carried;
};

NOVITA_FUNC void novita_safetensors_values_begin (
  struct novita_safetensors_values *v, struct novita_safetensors_header *h);

/* code "nan" if a value is NaN or infinite; bytes after the last tensor are
** ignored */
NOVITA_FUNC int novita_safetensors_values_add (
  struct novita_safetensors_values *v, const void *bytes, size_t n,
  struct novita_error *e);

#endif
