/*
** dtype.h: the number types of a safetensors file.
*/
#ifndef novita_safetensors_dtype_h
#define novita_safetensors_dtype_h

#include <stdint.h>

#include "../base/func.h"
#include "../base/json.h"

/* for the floating-point types whose values are checked: a value is NaN or
** infinite if all of these bits are set */
struct novita_safetensors_dtype {
  char name[8];
  uint8_t bits;         /* of one value; types below 8 are packed */
  uint64_t exponent;    /* 0: the type has no such values, or is not known */
};

#define NOVITA_SAFETENSORS_DTYPES 20

NOVITA_FUNC const struct novita_safetensors_dtype
  novita_safetensors_dtype_table[NOVITA_SAFETENSORS_DTYPES];

/* the index of a name in the table, or -1 */
NOVITA_FUNC int novita_safetensors_dtype_named (struct novita_json name);

#endif
