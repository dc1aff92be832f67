/*
** header.c: see header.h. Names and values are unescaped in the text itself,
** where they get no longer; a walk that has passed them does not look back.
*/
#include <stdlib.h>
#include <string.h>

#include "../base/json.h"
#include "entry.h"
#include "header.h"


static int fail (struct novita_error *e, const char *what) {
  return novita_error_set(e, NOVITA_ERROR_FILE, "invalid", "%s", what);
}


/* {====== text ====== */

/* the number of bytes that follow the first byte of a character, or -1 */
static int following (unsigned char first) {
  if (first < 0x80) return 0;
  if (first < 0xc2) return -1;
  if (first < 0xe0) return 1;
  if (first < 0xf0) return 2;
  return first < 0xf5 ? 3 : -1;
}


/* too long for its character, a surrogate, or beyond the last character */
static bool is_wrong (const unsigned char *p) {
  return (p[0] == 0xe0 && p[1] < 0xa0) || (p[0] == 0xed && p[1] > 0x9f) ||
         (p[0] == 0xf0 && p[1] < 0x90) || (p[0] == 0xf4 && p[1] > 0x8f);
}


static bool is_utf8 (const char *text, size_t len) {
  const unsigned char *p = (const unsigned char *)text, *end = p + len;
  while (p < end) {
    int i, n = following(*p);
    if (n < 0 || end - p <= n) return false;
    for (i = 1; i <= n; i++)
      if ((p[i] & 0xc0) != 0x80) return false;
    if (n > 0 && is_wrong(p)) return false;
    p += n + 1;
  }
  return true;
}


/* Unescapes a string where it stands; NULL if it contains a NUL. */
static const char *unescape (const struct novita_safetensors_header *h,
                             struct novita_json v) {
  char *at = h->text + (v.at - h->text);
  return novita_json_text(v, at, (size_t)(v.end - v.at)) ? at : NULL;
}

/* }====== */


/* {====== metadata: strings to strings ====== */

static size_t count_members (struct novita_json v) {
  struct novita_json_walk w;
  size_t n = 0;
  for (novita_json_begin(v, &w); novita_json_step(&w); ) n++;
  return n;
}


static int compare_pairs (const void *a, const void *b) {
  return strcmp(((const struct novita_safetensors_pair *)a)->name,
                ((const struct novita_safetensors_pair *)b)->name);
}


static int add_pair (struct novita_safetensors_header *h,
                     struct novita_json name, struct novita_json value,
                     struct novita_error *e) {
  struct novita_safetensors_pair *p = &h->metadata[h->pairs];
  if (*value.at != '"')
    return fail(e, "a value of __metadata__ is not a string");
  p->name = unescape(h, name);
  p->value = unescape(h, value);
  if (p->name == NULL || p->value == NULL)
    return fail(e, "a NUL in __metadata__");
  h->pairs++;
  return 0;
}


static int read_metadata (struct novita_safetensors_header *h,
                          struct novita_json v, struct novita_error *e) {
  struct novita_json_walk w;
  size_t i;
  if (*v.at != '{') return fail(e, "__metadata__ is not an object");
  if (h->metadata != NULL) return fail(e, "__metadata__ twice");
  h->metadata = calloc(count_members(v) + 1, sizeof *h->metadata);
  if (h->metadata == NULL) return novita_error_set_memory(e);
  for (novita_json_begin(v, &w); novita_json_step(&w); )
    if (add_pair(h, w.name, w.value, e) != 0) return -1;
  qsort(h->metadata, h->pairs, sizeof *h->metadata, compare_pairs);
  for (i = 1; i < h->pairs; i++)
    if (compare_pairs(&h->metadata[i - 1], &h->metadata[i]) == 0)
      return fail(e, "a name twice in __metadata__");
  return 0;
}

/* }====== */


/* {====== tensors ====== */

#define SHORTEST 40  /* bytes of an entry: limits the number of entries */


static int compare_places (const void *a, const void *b) {
  const struct novita_safetensors_tensor *s = a, *t = b;
  if (s->begin != t->begin) return s->begin < t->begin ? -1 : 1;
  return (s->end > t->end) - (s->end < t->end);
}


static int compare_names (const void *a, const void *b) {
  return strcmp((*(struct novita_safetensors_tensor *const *)a)->name,
                (*(struct novita_safetensors_tensor *const *)b)->name);
}


static int add_member (struct novita_safetensors_header *h,
                       const struct novita_json_walk *w,
                       struct novita_error *e) {
  struct novita_safetensors_tensor *t = &h->tensor[h->tensors];
  const char *name = unescape(h, w->name);
  if (name == NULL) return fail(e, "a NUL in the name of a tensor");
  if (strcmp(name, "__metadata__") == 0) return read_metadata(h, w->value, e);
  t->name = name;
  h->tensors++;
  return novita_safetensors_entry_read(w->value, t, e);
}


static int read_members (struct novita_safetensors_header *h,
                         struct novita_json root, struct novita_error *e) {
  struct novita_json_walk w;
  size_t count = count_members(root);
  if (count > (size_t)(root.end - root.at) / SHORTEST + 1)
    return fail(e, "the entries of the header are too short");
  h->tensor = calloc(count + 1, sizeof *h->tensor);
  h->by_name = calloc(count + 1, sizeof *h->by_name);
  if (h->tensor == NULL || h->by_name == NULL)
    return novita_error_set_memory(e);
  for (novita_json_begin(root, &w); novita_json_step(&w); )
    if (add_member(h, &w, e) != 0) return -1;
  return 0;
}


static int sort_names (struct novita_safetensors_header *h,
                       struct novita_error *e) {
  size_t i;
  for (i = 0; i < h->tensors; i++) h->by_name[i] = &h->tensor[i];
  qsort(h->by_name, h->tensors, sizeof *h->by_name, compare_names);
  for (i = 1; i < h->tensors; i++)
    if (compare_names(&h->by_name[i - 1], &h->by_name[i]) == 0)
      return novita_safetensors_entry_fail(e, h->by_name[i]->name,
                                           "two entries");
  return 0;
}


static int check_next (uint64_t covered,
                       const struct novita_safetensors_tensor *t,
                       struct novita_error *e) {
  if (t->begin > covered)
    return novita_safetensors_entry_fail(e, t->name, "a hole in front of "
                                         "its data");
  if (t->begin < covered)
    return novita_safetensors_entry_fail(e, t->name, "data that overlap "
                                         "another tensor's");
  return 0;
}


/* the bytes that the tensors cover, without a hole; they are sorted */
static int measure (const struct novita_safetensors_header *h,
                    uint64_t *covered, struct novita_error *e) {
  size_t i;
  *covered = 0;
  for (i = 0; i < h->tensors; i++) {
    if (check_next(*covered, &h->tensor[i], e) != 0) return -1;
    *covered = h->tensor[i].end;
  }
  return 0;
}


static int check_data (const struct novita_safetensors_header *h,
                       uint64_t data_size, struct novita_error *e) {
  uint64_t covered;
  if (measure(h, &covered, e) != 0) return -1;
  if (data_size < covered)
    return novita_error_set(e, NOVITA_ERROR_FILE, "truncated",
                            "the file is cut off: %llu of %llu bytes of its "
                            "tensors are there",
                            (unsigned long long)data_size,
                            (unsigned long long)covered);
  if (data_size > covered)
    return novita_error_set(e, NOVITA_ERROR_FILE, "too_long",
                            "the file is %llu bytes longer than its header "
                            "says",
                            (unsigned long long)(data_size - covered));
  return 0;
}

/* }====== */


static int parse (struct novita_safetensors_header *h, size_t len,
                  uint64_t data_size, struct novita_error *e) {
  struct novita_json root;
  if (len == 0 || h->text[0] != '{')
    return fail(e, "the header does not begin with {");
  if (!is_utf8(h->text, len) || !novita_json_check(h->text, len, &root))
    return fail(e, "the header is not JSON");
  if (read_members(h, root, e) != 0) return -1;
  qsort(h->tensor, h->tensors, sizeof *h->tensor, compare_places);
  if (sort_names(h, e) != 0) return -1;
  return check_data(h, data_size, e);
}


int novita_safetensors_header_parse (struct novita_safetensors_header *h,
                                     char *text, size_t len,
                                     uint64_t data_size,
                                     struct novita_error *e) {
  memset(h, 0, sizeof *h);
  h->text = text;
  if (parse(h, len, data_size, e) == 0) return 0;
  novita_safetensors_header_free(h);
  return -1;
}


void novita_safetensors_header_free (struct novita_safetensors_header *h) {
  free(h->text);
  free(h->tensor);
  free(h->by_name);
  free(h->metadata);
  memset(h, 0, sizeof *h);
}


static int compare_to_name (const void *name, const void *item) {
  return strcmp(name,
                (*(struct novita_safetensors_tensor *const *)item)->name);
}


struct novita_safetensors_tensor *novita_safetensors_header_find (
    const struct novita_safetensors_header *h, const char *name) {
  struct novita_safetensors_tensor **found =
    bsearch(name, h->by_name, h->tensors, sizeof *h->by_name,
            compare_to_name);
  return found == NULL ? NULL : *found;
}
