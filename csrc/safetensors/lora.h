/*
** lora.h: what a safetensors file is, by the names and shapes of its tensors:
** the dialect, the ranks and the alphas of a LoRA, and the family of base
** models that it was made for. Call it after all values were read: alphas are
** values, and a LoRA whose "up" tensors are all zero changes nothing.
*/
#ifndef novita_safetensors_lora_h
#define novita_safetensors_lora_h

#include "header.h"

enum novita_safetensors_dialect {
  NOVITA_SAFETENSORS_OTHER, NOVITA_SAFETENSORS_KOHYA,
  NOVITA_SAFETENSORS_DIFFUSERS, NOVITA_SAFETENSORS_PEFT
};

enum novita_safetensors_base {
  NOVITA_SAFETENSORS_UNKNOWN, NOVITA_SAFETENSORS_SD15, NOVITA_SAFETENSORS_SD2,
  NOVITA_SAFETENSORS_SDXL
};

#define NOVITA_SAFETENSORS_RANKS 8  /* kinds of modules at most */

/* modules with the same rank and alpha */
struct novita_safetensors_modules {
  uint64_t rank, count;
  double alpha;             /* the rank, where the file has none */
};

struct novita_safetensors_lora {
  enum novita_safetensors_dialect dialect;
  enum novita_safetensors_base base;
  struct novita_safetensors_modules modules[NOVITA_SAFETENSORS_RANKS];
  size_t kinds;             /* the most frequent one first */
};

/* code "pair" if half of a module is missing or does not fit, "zero" if it
** changes nothing */
NOVITA_FUNC int novita_safetensors_lora_read (
  const struct novita_safetensors_header *h, struct novita_safetensors_lora *l,
  struct novita_error *e);

#endif
