/*
** header.h: the header of a safetensors file: JSON that names each tensor with
** its type, its shape and its place in the data. Only a header without a fault
** is accepted: the tensors cover the data wholly, without holes or overlaps.
** Costs O(n log n) for n tensors; memory is at most NOVITA_SAFETENSORS_MEMORY.
*/
#ifndef novita_safetensors_header_h
#define novita_safetensors_header_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../base/error.h"

#define NOVITA_SAFETENSORS_HEADER 100000000  /* bytes; longer is refused */
/* bytes that a header of 'n' needs together with what is made of it */
#define NOVITA_SAFETENSORS_MEMORY(n) (4 * (uint64_t)(n))

struct novita_safetensors_tensor {
  const char *name;
  uint64_t begin, end;      /* in the data */
  uint64_t elements;
  uint64_t rows, columns;   /* the first two dimensions; 1 where missing */
  double first;             /* its first value, once it was read; floats only */
  uint32_t dimensions;
  uint8_t dtype;            /* in novita_safetensors_dtype_table */
  bool zero;                /* no value differs from 0, once it was read */
  bool large;               /* some value is 2 or more, or -2 or less */
};

struct novita_safetensors_pair {
  const char *name, *value;
};

struct novita_safetensors_header {
  char *text;               /* owns all names and values */
  struct novita_safetensors_tensor *tensor;         /* in the data's order */
  struct novita_safetensors_tensor **by_name;       /* sorted */
  struct novita_safetensors_pair *metadata;         /* sorted by name */
  size_t tensors, pairs;
};

/* owns 'text', 'len' bytes and a NUL from malloc, from now on; 'data_size' is
** the number of bytes after the header. On failure nothing has to be freed. */
NOVITA_FUNC int novita_safetensors_header_parse (
  struct novita_safetensors_header *h, char *text, size_t len,
  uint64_t data_size, struct novita_error *e);

/* may be called twice, and on zeros */
NOVITA_FUNC void novita_safetensors_header_free (
  struct novita_safetensors_header *h);

/* the tensor with this name, or NULL */
NOVITA_FUNC struct novita_safetensors_tensor *novita_safetensors_header_find (
  const struct novita_safetensors_header *h, const char *name);

#endif
