/*
** lora.c: see lora.h
*/
#include <stdlib.h>
#include <string.h>

#include "lora.h"

#define MOST_NAME 1024  /* bytes of the name of a LoRA's tensor */


/* {====== names ====== */

/* The two halves of a module have the same name up to these endings. */
static const struct ending {
  const char *down, *up;
  enum novita_safetensors_dialect dialect;
} endings[] = {
  {".lora_down.weight", ".lora_up.weight", NOVITA_SAFETENSORS_KOHYA},
  {".lora_A.weight", ".lora_B.weight", NOVITA_SAFETENSORS_DIFFUSERS},
  {".lora_linear_layer.down.weight", ".lora_linear_layer.up.weight",
   NOVITA_SAFETENSORS_DIFFUSERS},
  {".lora.down.weight", ".lora.up.weight", NOVITA_SAFETENSORS_DIFFUSERS},
  {"_lora.down.weight", "_lora.up.weight", NOVITA_SAFETENSORS_DIFFUSERS}
};

#define ENDINGS (sizeof endings / sizeof endings[0])


/* the length of the name without the ending, or 0 */
static size_t stem (const char *name, const char *ending) {
  size_t len = strlen(name), n = strlen(ending);
  if (len <= n || len >= MOST_NAME || strcmp(name + len - n, ending) != 0)
    return 0;
  return len - n;
}


static struct novita_safetensors_tensor *sibling (
    const struct novita_safetensors_header *h, const char *name, size_t len,
    const char *ending) {
  char text[2 * MOST_NAME];
  memcpy(text, name, len);
  strcpy(text + len, ending);
  return novita_safetensors_header_find(h, text);
}


static bool begins (const char *name, const char *with) {
  return strncmp(name, with, strlen(with)) == 0;
}

/* }====== */


/* {====== the base ====== */

/* of a tensor that is no "up" of a LoRA: the width of what comes in */
static enum novita_safetensors_base base_of (
    const struct novita_safetensors_tensor *t) {
  if (begins(t->name, "lora_te1_") || begins(t->name, "lora_te2_") ||
      begins(t->name, "text_encoder_2."))
    return NOVITA_SAFETENSORS_SDXL;
  if (strstr(t->name, "attn2_to_k") == NULL &&
      strstr(t->name, "attn2.to_k") == NULL &&
      strstr(t->name, "attn2.processor.to_k") == NULL)
    return NOVITA_SAFETENSORS_UNKNOWN;
  switch (t->columns) {
    case 768: return NOVITA_SAFETENSORS_SD15;
    case 1024: return NOVITA_SAFETENSORS_SD2;
    case 2048: return NOVITA_SAFETENSORS_SDXL;
    default: return NOVITA_SAFETENSORS_UNKNOWN;
  }
}


static void add_base (struct novita_safetensors_lora *l,
                      const struct novita_safetensors_tensor *t) {
  if (l->base == NOVITA_SAFETENSORS_UNKNOWN) l->base = base_of(t);
}

/* }====== */


/* {====== modules ====== */

static int fail_pair (const char *name, struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_FILE, "pair",
                          "the tensor '%.120s' has no counterpart of its rank",
                          name);
}


/* Kinds beyond the table are counted with the last one. */
static void count_module (struct novita_safetensors_lora *l, uint64_t rank,
                          double alpha) {
  struct novita_safetensors_modules *m = l->modules;
  size_t i;
  for (i = 0; i < l->kinds; i++, m++)
    if (m->rank == rank && m->alpha == alpha) break;
  if (i == NOVITA_SAFETENSORS_RANKS) m--;
  else if (i == l->kinds) {
    m->rank = rank;
    m->alpha = alpha;
    l->kinds++;
  }
  m->count++;
}


static int add_down (const struct novita_safetensors_header *h,
                     struct novita_safetensors_lora *l,
                     const struct novita_safetensors_tensor *down, size_t len,
                     const struct ending *ending, struct novita_error *e) {
  const struct novita_safetensors_tensor *up, *alpha;
  add_base(l, down);
  up = sibling(h, down->name, len, ending->up);
  if (up == NULL || down->dimensions < 2 || up->dimensions < 2 ||
      up->columns != down->rows)
    return fail_pair(down->name, e);
  alpha = sibling(h, down->name, len, ".alpha");
  count_module(l, down->rows, alpha != NULL && alpha->elements == 1
                                ? alpha->first : (double)down->rows);
  l->dialect = ending->dialect;
  if (begins(down->name, "base_model.")) l->dialect = NOVITA_SAFETENSORS_PEFT;
  return 0;
}


/* 'live' becomes true if the tensor is an "up" that has learned something */
static int add_tensor (const struct novita_safetensors_header *h,
                       struct novita_safetensors_lora *l,
                       const struct novita_safetensors_tensor *t, bool *live,
                       struct novita_error *e) {
  size_t i, len;
  for (i = 0; i < ENDINGS; i++) {
    if ((len = stem(t->name, endings[i].down)) > 0)
      return add_down(h, l, t, len, &endings[i], e);
    if ((len = stem(t->name, endings[i].up)) == 0) continue;
    *live = *live || !t->zero;
    return sibling(h, t->name, len, endings[i].down) != NULL
             ? 0 : fail_pair(t->name, e);
  }
  add_base(l, t);
  return 0;
}


static int compare_modules (const void *a, const void *b) {
  const struct novita_safetensors_modules *m = a, *n = b;
  if (m->count != n->count) return m->count < n->count ? 1 : -1;
  if (m->rank != n->rank) return m->rank < n->rank ? 1 : -1;
  return (m->alpha < n->alpha) - (m->alpha > n->alpha);
}

/* }====== */


/* what holds for every file: some value differs from 0 */
static int check_values (const struct novita_safetensors_header *h,
                         struct novita_error *e) {
  size_t i;
  for (i = 0; i < h->tensors; i++)
    if (!h->tensor[i].zero) return 0;
  return novita_error_set(e, NOVITA_ERROR_FILE, "zero",
                          "the file has no value but 0");
}


int novita_safetensors_lora_read (const struct novita_safetensors_header *h,
                                  struct novita_safetensors_lora *l,
                                  struct novita_error *e) {
  bool live = false;
  size_t i;
  memset(l, 0, sizeof *l);
  if (check_values(h, e) != 0) return -1;
  for (i = 0; i < h->tensors; i++)
    if (add_tensor(h, l, &h->tensor[i], &live, e) != 0) return -1;
  qsort(l->modules, l->kinds, sizeof *l->modules, compare_modules);
  if (l->kinds > 0 && !live)
    return novita_error_set(e, NOVITA_ERROR_FILE, "zero",
                            "the model changes nothing: all of its up tensors "
                            "are 0");
  return 0;
}
