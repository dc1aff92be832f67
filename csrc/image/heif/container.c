/*
** container.c: see container.h. Boxes inside 'meta' that occur twice are
** refused, because libheif might use the other one.
*/
#include <stdlib.h>
#include <string.h>

#include "container.h"
#include "properties.h"

#define TYPE NOVITA_HEIF_TYPE
#define MOST_ITEMS 8192        /* 200 megapixels have 800 tiles */
#define MOST_REFERENCE_BYTES ((size_t)1 << 20)

typedef struct novita_heif_reader reader;
typedef struct novita_heif_container container;
typedef struct novita_heif_item item;

/* the boxes inside 'meta' and 'iprp' */
struct parts {
  reader pitm, iinf, iloc, iref, idat, ipco, iprp;
};


static uint32_t get (reader *r, int bytes) {
  return (uint32_t)novita_heif_reader_get(r, bytes);
}


/* a full box begins with a version and flags */
static int get_version (reader *r) {
  return (int)(get(r, 4) >> 24);
}


/* {====== finding boxes ====== */
static reader *part_of (struct parts *parts, uint32_t type) {
  switch (type) {
    case TYPE('p', 'i', 't', 'm'): return &parts->pitm;
    case TYPE('i', 'i', 'n', 'f'): return &parts->iinf;
    case TYPE('i', 'l', 'o', 'c'): return &parts->iloc;
    case TYPE('i', 'r', 'e', 'f'): return &parts->iref;
    case TYPE('i', 'd', 'a', 't'): return &parts->idat;
    case TYPE('i', 'p', 'r', 'p'): return &parts->iprp;
    case TYPE('i', 'p', 'c', 'o'): return &parts->ipco;
    default: return NULL;
  }
}


static bool find_parts (struct parts *parts, reader r) {
  struct novita_heif_box box;
  while (novita_heif_reader_box(&r, &box)) {
    reader *part = part_of(parts, box.type);
    if (part != NULL && part->p != NULL) return false;
    if (part != NULL) *part = box.body;
  }
  return !r.bad;
}


/* Zeros after the last box, or other data that is not one, end the file. */
static enum novita_heif_state find_meta (reader file, reader *meta) {
  struct novita_heif_box box;
  while (novita_heif_reader_box(&file, &box))
    if (box.type == TYPE('m', 'e', 't', 'a')) {
      if (meta->p != NULL) return NOVITA_HEIF_BROKEN;
      *meta = box.body;
    }
  if (meta->p != NULL) return NOVITA_HEIF_OK;
  return file.bad ? NOVITA_HEIF_BROKEN : NOVITA_HEIF_SEQUENCE;
}
/* }====== */


/* {====== items: iinf, iloc, pitm ====== */
static bool read_info (item *out, reader r) {
  int version = get_version(&r);
  if (version < 2) return false;  /* without a type: no image */
  out->id = get(&r, version == 2 ? 2 : 4);
  novita_heif_reader_skip(&r, 2);
  out->type = get(&r, 4);
  return !r.bad;
}


static enum novita_heif_state read_items (container *c, reader r) {
  struct novita_heif_box box;
  int version = get_version(&r);
  size_t count = get(&r, version == 0 ? 2 : 4);
  if (r.bad) return NOVITA_HEIF_BROKEN;
  if (count > MOST_ITEMS) return NOVITA_HEIF_RARE;
  c->items = calloc(count + 1, sizeof *c->items);
  if (c->items == NULL) return NOVITA_HEIF_NO_MEMORY;
  while (c->item_count < count && novita_heif_reader_box(&r, &box)) {
    item *it = &c->items[c->item_count];
    if (box.type != TYPE('i', 'n', 'f', 'e') || !read_info(it, box.body))
      memset(it, 0, sizeof *it);
    else if (novita_heif_container_find(c, it->id) != NULL)
      return NOVITA_HEIF_BROKEN;
    c->item_count++;
  }
  return r.bad || r.left > 0 ? NOVITA_HEIF_BROKEN : NOVITA_HEIF_OK;
}


static void read_location (container *c, reader *r, int version,
                           int base_size) {
  uint32_t id = get(r, version < 2 ? 2 : 4), method = 0, count;
  item *it = novita_heif_container_find(c, id);
  uint64_t base;
  reader extents;
  if (version > 0) method = get(r, 2) & 15;
  novita_heif_reader_skip(r, 2);
  base = novita_heif_reader_get(r, base_size);
  count = get(r, 2);
  extents = novita_heif_reader_part(
    r, (uint64_t)count * (uint64_t)(c->index_size + c->offset_size +
                                    c->length_size));
  if (it == NULL) return;
  if (it->extents.p != NULL || method > 1) it->type = 0;  /* not usable */
  it->extents = extents;
  it->in_idat = method == 1;
  it->base = base;
}


static bool read_locations (container *c, reader r) {
  int version = get_version(&r), base_size;
  uint32_t sizes = get(&r, 2), count;
  c->offset_size = sizes >> 12 & 15;
  c->length_size = sizes >> 8 & 15;
  base_size = sizes >> 4 & 15;
  c->index_size = version > 0 ? sizes & 15 : 0;
  if (version > 2 || c->offset_size > 8 || c->length_size > 8 ||
      base_size > 8 || c->index_size > 8) return false;
  count = get(&r, version < 2 ? 2 : 4);
  for (; count > 0 && !r.bad; count--) read_location(c, &r, version,
                                                     base_size);
  return !r.bad;
}


static bool read_primary (container *c, reader r) {
  int version = get_version(&r);
  c->primary = get(&r, version == 0 ? 2 : 4);
  return !r.bad;
}
/* }====== */


/* {====== references: iref ====== */
/* An alpha channel of several images stays: libheif refuses it. */
static bool is_unwanted (const container *c, uint32_t type, uint32_t from,
                         uint32_t count) {
  const item *it;
  if (count == 1) return false;
  if (type == TYPE('c', 'd', 's', 'c') || type == TYPE('t', 'h', 'm', 'b'))
    return true;
  it = novita_heif_container_find(c, from);
  return type == NOVITA_HEIF_AUXILIARY && !(it != NULL && it->alpha);
}


static void add_references (container *c, const struct novita_heif_box *box,
                            int id_size) {
  reader r = box->body;
  uint32_t from = get(&r, id_size), count = get(&r, 2);
  if (is_unwanted(c, box->type, from, count)) {
    c->has_unwanted = true;
    return;
  }
  for (; count > 0; count--) {
    struct novita_heif_reference *ref = &c->references[c->reference_count];
    ref->type = box->type;
    ref->from = from;
    ref->to = get(&r, id_size);
    if (r.bad) return;  /* as libheif does */
    c->reference_count++;
  }
}


static enum novita_heif_state read_references (container *c, reader r) {
  struct novita_heif_box box;
  if (r.p == NULL) return NOVITA_HEIF_OK;
  if (r.left > MOST_REFERENCE_BYTES) return NOVITA_HEIF_RARE;
  c->references = calloc(r.left / 2 + 1, sizeof *c->references);
  if (c->references == NULL) return NOVITA_HEIF_NO_MEMORY;
  c->id_size = get_version(&r) == 0 ? 2 : 4;
  c->iref = r;
  while (novita_heif_reader_box(&r, &box)) add_references(c, &box, c->id_size);
  return r.bad ? NOVITA_HEIF_BROKEN : NOVITA_HEIF_OK;
}


void novita_heif_container_hide (const container *c, uint8_t *copy) {
  static const uint8_t unused[] = {'f', 'r', 'e', 'e'};
  struct novita_heif_box box;
  reader r = c->iref;
  for (;;) {
    size_t at = (size_t)(r.p - c->file.p);
    uint32_t from, count;
    if (!novita_heif_reader_box(&r, &box)) return;
    from = get(&box.body, c->id_size);
    count = get(&box.body, 2);
    if (is_unwanted(c, box.type, from, count)) memcpy(copy + at + 4, unused, 4);
  }
}
/* }====== */


static enum novita_heif_state read_parts (container *c, struct parts *parts) {
  enum novita_heif_state state;
  if (parts->pitm.p == NULL || parts->iinf.p == NULL ||
      parts->iloc.p == NULL || parts->iprp.p == NULL ||
      !find_parts(parts, parts->iprp) || parts->ipco.p == NULL ||
      !read_primary(c, parts->pitm)) return NOVITA_HEIF_BROKEN;
  state = read_items(c, parts->iinf);
  if (state != NOVITA_HEIF_OK) return state;
  if (!read_locations(c, parts->iloc)) return NOVITA_HEIF_BROKEN;
  state = novita_heif_properties_read(c, parts->ipco, parts->iprp);
  if (state != NOVITA_HEIF_OK) return state;
  c->idat = parts->idat;
  return read_references(c, parts->iref);
}


enum novita_heif_state novita_heif_container_read (container *c,
                                                   const uint8_t *bytes,
                                                   size_t len) {
  struct parts parts;
  reader meta = {NULL, 0, false};
  enum novita_heif_state state;
  memset(c, 0, sizeof *c);
  memset(&parts, 0, sizeof parts);
  c->file.p = bytes;
  c->file.left = len;
  state = find_meta(c->file, &meta);
  if (state != NOVITA_HEIF_OK) return state;
  get_version(&meta);
  if (!find_parts(&parts, meta)) return NOVITA_HEIF_BROKEN;
  return read_parts(c, &parts);
}


void novita_heif_container_free (container *c) {
  free(c->items);
  free(c->references);
  c->items = NULL;
  c->references = NULL;
}


reader novita_heif_container_extent (const container *c, const item *it,
                                     reader *left) {
  reader data = it->in_idat ? c->idat : c->file;
  uint64_t offset, length;
  novita_heif_reader_skip(left, (uint64_t)c->index_size);
  offset = novita_heif_reader_get(left, c->offset_size);
  length = novita_heif_reader_get(left, c->length_size);
  if (offset > UINT64_MAX - it->base) data.bad = true;
  else novita_heif_reader_skip(&data, it->base + offset);
  return novita_heif_reader_part(&data, length);
}
