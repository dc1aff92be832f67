/*
** dtype.c: see dtype.h
*/
#include <string.h>

#include "dtype.h"


const struct novita_safetensors_dtype
novita_safetensors_dtype_table[NOVITA_SAFETENSORS_DTYPES] = {
  {"F16", 16, 0x7c00}, {"BF16", 16, 0x7f80}, {"F32", 32, 0x7f800000},
  {"F64", 64, 0x7ff0000000000000}, {"F8_E4M3", 8, 0}, {"F8_E5M2", 8, 0},
  {"F8_E8M0", 8, 0}, {"F6_E2M3", 6, 0}, {"F6_E3M2", 6, 0}, {"F4", 4, 0},
  {"BOOL", 8, 0}, {"U8", 8, 0}, {"I8", 8, 0}, {"U16", 16, 0},
  {"I16", 16, 0}, {"U32", 32, 0}, {"I32", 32, 0}, {"U64", 64, 0},
  {"I64", 64, 0}, {"C64", 64, 0}
};


int novita_safetensors_dtype_named (struct novita_json name) {
  char text[sizeof novita_safetensors_dtype_table[0].name];
  int i;
  if (*name.at != '"' || !novita_json_text(name, text, sizeof text)) return -1;
  for (i = 0; i < NOVITA_SAFETENSORS_DTYPES; i++)
    if (strcmp(text, novita_safetensors_dtype_table[i].name) == 0) return i;
  return -1;
}
