/*
** check.h: check a whole safetensors file: its header, every value, and what
** it is. Reads the file once, in small pieces, so that its length does not
** matter for memory. Made for a worker thread.
*/
#ifndef novita_safetensors_check_h
#define novita_safetensors_check_h

#include "../base/quota.h"
#include "header.h"
#include "lora.h"

struct novita_safetensors_check {
  struct novita_safetensors_header header;
  struct novita_safetensors_lora lora;
  uint64_t size, header_size;   /* bytes; the header without its length */
};

/* 'share' limits the memory, and a canceled share ends the check. The codes of
** 'e': "open" or "read" if the system refuses, "not_a_file", "invalid",
** "truncated", "too_long", "nan", "zero", "pair", "canceled". On failure
** nothing has to be freed. */
NOVITA_FUNC int novita_safetensors_check_file (
  const char *path, struct novita_quota_share *share,
  struct novita_safetensors_check *c, struct novita_error *e);

/* may be called twice, and on zeros */
NOVITA_FUNC void novita_safetensors_check_free (
  struct novita_safetensors_check *c);

#endif
