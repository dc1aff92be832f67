/*
** properties.c: see properties.h
*/
#include <stdlib.h>
#include <string.h>

#include "properties.h"

#define TYPE NOVITA_HEIF_TYPE
#define MOST_PROPERTIES 8192

typedef struct novita_heif_reader reader;
typedef struct novita_heif_container container;
typedef struct novita_heif_item item;


static uint32_t get (reader *r, int bytes) {
  return (uint32_t)novita_heif_reader_get(r, bytes);
}


static bool is_alpha (reader r) {
  static const char *const names[] = {
    "urn:mpeg:mpegB:cicp:systems:auxiliary:alpha",
    "urn:mpeg:hevc:2015:auxid:1", "urn:mpeg:avc:2015:auxid:1"
  };
  size_t i;
  novita_heif_reader_skip(&r, 4);
  for (i = 0; i < sizeof names / sizeof *names; i++) {
    size_t len = strlen(names[i]) + 1;
    if (r.left >= len && memcmp(r.p, names[i], len) == 0) return true;
  }
  return false;
}


/* false if an item has two different sizes */
static bool set_size (item *it, reader r) {
  uint32_t width, height;
  novita_heif_reader_skip(&r, 4);
  width = get(&r, 4);
  height = get(&r, 4);
  if (r.bad || width == 0 || height == 0) return false;
  if (it->width != 0 && (it->width != width || it->height != height))
    return false;
  it->width = width;
  it->height = height;
  return true;
}


static bool add_property (item *it, const struct novita_heif_box *property) {
  switch (property->type) {
    case TYPE('i', 's', 'p', 'e'): return set_size(it, property->body);
    case TYPE('h', 'v', 'c', 'C'): case TYPE('a', 'v', '1', 'C'):
      if (it->config.p != NULL) return false;
      it->config = property->body;
      return true;
    case TYPE('a', 'u', 'x', 'C'):
      if (is_alpha(property->body)) it->alpha = true;
      return true;
    default: return true;
  }
}


/* the properties of one item: numbers in 'ipco', from 1 */
static bool read_association (container *c, reader *r, int id_size,
                              int number_size,
                              const struct novita_heif_box *properties,
                              size_t count) {
  item *it = novita_heif_container_find(c, get(r, id_size));
  uint32_t n = get(r, 1);
  for (; n > 0 && !r->bad; n--) {
    size_t number = get(r, number_size) & (number_size == 1 ? 127u : 32767u);
    if (number > count) return false;
    if (it != NULL && number > 0 &&
        !add_property(it, &properties[number - 1])) return false;
  }
  return !r->bad;
}


static bool read_associations (container *c, reader iprp,
                               const struct novita_heif_box *properties,
                               size_t count) {
  struct novita_heif_box box;
  while (novita_heif_reader_box(&iprp, &box)) {
    uint32_t flags, n;  /* the flags follow a version of 8 bits */
    if (box.type != TYPE('i', 'p', 'm', 'a')) continue;
    flags = get(&box.body, 4);
    for (n = get(&box.body, 4); n > 0; n--)
      if (!read_association(c, &box.body, flags >> 24 == 0 ? 2 : 4,
                            flags & 1 ? 2 : 1, properties, count))
        return false;
  }
  return !iprp.bad;
}


enum novita_heif_state novita_heif_properties_read (container *c, reader ipco,
                                                    reader iprp) {
  reader r = ipco;
  size_t count = 0;
  bool ok = true;
  struct novita_heif_box *properties = calloc(MOST_PROPERTIES,
                                              sizeof *properties);
  if (properties == NULL) return NOVITA_HEIF_NO_MEMORY;
  while (count < MOST_PROPERTIES &&
         novita_heif_reader_box(&r, &properties[count])) count++;
  ok = !r.bad && r.left == 0 &&
       read_associations(c, iprp, properties, count);
  free(properties);
  return ok ? NOVITA_HEIF_OK : NOVITA_HEIF_BROKEN;
}
