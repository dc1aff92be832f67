/*
** entry.c: see entry.h
*/
#include <string.h>

#include "dtype.h"
#include "entry.h"

#define MOST_BITS (UINT64_MAX / 128)  /* elements whose bits can be counted */


int novita_safetensors_entry_fail (struct novita_error *e, const char *name,
                                   const char *what) {
  return novita_error_set(e, NOVITA_ERROR_FILE, "invalid",
                          "the tensor '%.120s' has %s", name, what);
}


/* {====== integers ====== */

/* Digits only, as they are written: 1.0 and 1e3 are no sizes. */
static bool read_integer (struct novita_json v, uint64_t *number) {
  const char *at = v.at;
  uint64_t n = 0;
  for (; *at >= '0' && *at <= '9'; at++) {
    unsigned digit = (unsigned)(*at - '0');
    if (n > (UINT64_MAX - digit) / 10) return false;
    n = n * 10 + digit;
  }
  *number = n;
  return at > v.at && strchr(",] \t\r\n", *at) != NULL;
}

/* }====== */


/* {====== the three fields ====== */

enum { DTYPE, SHAPE, OFFSETS, FIELDS };

static const char *const names[FIELDS] = {"dtype", "shape", "data_offsets"};


static int read_dtype (struct novita_json v,
                       struct novita_safetensors_tensor *t,
                       struct novita_error *e) {
  int dtype = novita_safetensors_dtype_named(v);
  if (dtype < 0)
    return novita_safetensors_entry_fail(e, t->name, "an unknown dtype");
  t->dtype = (uint8_t)dtype;
  return 0;
}


static void add_dimension (struct novita_safetensors_tensor *t,
                           uint64_t size) {
  if (t->dimensions == 0) t->rows = size;
  if (t->dimensions == 1) t->columns = size;
  t->dimensions++;
}


static int read_shape (struct novita_json v,
                       struct novita_safetensors_tensor *t,
                       struct novita_error *e) {
  struct novita_json_walk w;
  uint64_t size;
  t->elements = t->rows = t->columns = 1;
  t->dimensions = 0;
  if (*v.at != '[')
    return novita_safetensors_entry_fail(e, t->name, "no list as its shape");
  for (novita_json_begin(v, &w); novita_json_step(&w); ) {
    if (!read_integer(w.value, &size))
      return novita_safetensors_entry_fail(e, t->name, "a wrong shape");
    if (size != 0 && t->elements > MOST_BITS / size)
      return novita_safetensors_entry_fail(e, t->name, "too large a shape");
    t->elements *= size;
    add_dimension(t, size);
  }
  return 0;
}


static int read_offsets (struct novita_json v,
                         struct novita_safetensors_tensor *t,
                         struct novita_error *e) {
  struct novita_json_walk w;
  uint64_t at[2] = {1, 0};
  int count = 0;
  novita_json_begin(v, &w);
  while (!w.object && count < 3 && novita_json_step(&w))
    if (count == 2 || !read_integer(w.value, &at[count++])) count = 3;
  if (count != 2 || at[0] > at[1])
    return novita_safetensors_entry_fail(e, t->name, "wrong data_offsets");
  t->begin = at[0];
  t->end = at[1];
  return 0;
}

/* }====== */


/* Each field once. Other fields are left alone, as by other readers. */
static int find_fields (struct novita_json entry, struct novita_json *found,
                        const char *name, struct novita_error *e) {
  struct novita_json_walk w;
  char text[sizeof "data_offsets"];
  unsigned seen = 0;
  int i;
  for (i = 0; i < FIELDS; i++) found[i] = entry;
  for (novita_json_begin(entry, &w); novita_json_step(&w); ) {
    if (!novita_json_text(w.name, text, sizeof text)) continue;
    for (i = 0; i < FIELDS && strcmp(text, names[i]) != 0; i++) ;
    if (i == FIELDS) continue;
    if (seen & 1u << i)
      return novita_safetensors_entry_fail(e, name, "a field twice");
    found[i] = w.value;
    seen |= 1u << i;
  }
  if (seen != (1u << FIELDS) - 1)
    return novita_safetensors_entry_fail(e, name, "no dtype, no shape or no "
                                         "data_offsets");
  return 0;
}


static int check_size (const struct novita_safetensors_tensor *t,
                       struct novita_error *e) {
  uint64_t bits = t->elements * novita_safetensors_dtype_table[t->dtype].bits;
  if (bits % 8 != 0 || t->end - t->begin != bits / 8)
    return novita_safetensors_entry_fail(e, t->name, "data_offsets "
                                         "that do not match its shape and "
                                         "dtype");
  return 0;
}


int novita_safetensors_entry_read (struct novita_json entry,
                                   struct novita_safetensors_tensor *tensor,
                                   struct novita_error *e) {
  struct novita_json field[FIELDS];
  if (*entry.at != '{')
    return novita_safetensors_entry_fail(e, tensor->name, "no object as its "
                                         "entry");
  if (find_fields(entry, field, tensor->name, e) != 0 ||
      read_dtype(field[DTYPE], tensor, e) != 0 ||
      read_shape(field[SHAPE], tensor, e) != 0 ||
      read_offsets(field[OFFSETS], tensor, e) != 0)
    return -1;
  return check_size(tensor, e);
}
