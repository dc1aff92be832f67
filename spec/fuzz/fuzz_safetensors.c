/*
** fuzz_safetensors.c: a header that is accepted covers its data without holes,
** and finds each of its tensors; the values may come in pieces of any length.
*/
#include "../../csrc/safetensors/lora.h"
#include "../../csrc/safetensors/values.h"
#include "fuzz.h"

#define PREFIX 8


static void check_header (const struct novita_safetensors_header *h,
                          uint64_t size) {
  uint64_t at = 0;
  size_t i;
  for (i = 0; i < h->tensors; i++) {
    if (h->tensor[i].begin != at) abort();
    at = h->tensor[i].end;
    if (novita_safetensors_header_find(h, h->tensor[i].name) != &h->tensor[i])
      abort();
  }
  if (at != size) abort();
  for (i = 0; i < h->pairs; i++)
    if (strlen(h->metadata[i].name) > 0 && h->metadata[i].value == NULL)
      abort();
}


/* -1 if a value is not a number */
static int add_pieces (struct novita_safetensors_header *h,
                       const uint8_t *data, size_t size, size_t piece) {
  struct novita_safetensors_values v;
  struct novita_error e;
  size_t at;
  novita_safetensors_values_begin(&v, h);
  for (at = 0; at < size; at += piece) {
    size_t n = size - at < piece ? size - at : piece;
    if (novita_safetensors_values_add(&v, data + at, n, &e) != 0) return -1;
  }
  return 0;
}


static void check_values (struct novita_safetensors_header *h,
                          const uint8_t *data, size_t size) {
  struct novita_safetensors_lora l;
  struct novita_error e;
  int whole = add_pieces(h, data, size, size + 1);
  if (whole != add_pieces(h, data, size, 3)) abort();
  if (whole == 0) novita_safetensors_lora_read(h, &l, &e);
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_safetensors_header h;
  struct novita_error e;
  size_t n;
  if (size < PREFIX) return 0;
  n = data[0] | (size_t)data[1] << 8;
  if (n > size - PREFIX) n = size - PREFIX;
  data += PREFIX;
  size -= PREFIX;
  if (novita_safetensors_header_parse(&h, fuzz_text(data, n), n, size - n,
                                      &e) != 0) {
    if (e.text[0] == '\0') abort();
    return 0;
  }
  check_header(&h, size - n);
  check_values(&h, data + n, size - n);
  novita_safetensors_header_free(&h);
  return 0;
}
