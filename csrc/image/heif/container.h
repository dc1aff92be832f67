/*
** container.h: the items of a HEIF file, read from its 'meta' box: which images
** there are, where their data is, and how they refer to each other. Nothing is
** decoded or copied; the file must outlive it.
*/
#ifndef novita_image_heif_container_h
#define novita_image_heif_container_h

#include "../../base/error.h"
#include "reader.h"

#define NOVITA_HEIF_HEVC NOVITA_HEIF_TYPE('h', 'v', 'c', '1')
#define NOVITA_HEIF_AV1 NOVITA_HEIF_TYPE('a', 'v', '0', '1')
#define NOVITA_HEIF_GRID NOVITA_HEIF_TYPE('g', 'r', 'i', 'd')
#define NOVITA_HEIF_TILE NOVITA_HEIF_TYPE('d', 'i', 'm', 'g')
#define NOVITA_HEIF_AUXILIARY NOVITA_HEIF_TYPE('a', 'u', 'x', 'l')

enum novita_heif_state {
  NOVITA_HEIF_OK,
  NOVITA_HEIF_BROKEN,      /* damaged, or truncated within a box */
  NOVITA_HEIF_CUT,         /* truncated: an image's data is missing */
  NOVITA_HEIF_RARE,        /* valid, but of a kind that is not used here */
  NOVITA_HEIF_SEQUENCE,    /* has no single image */
  NOVITA_HEIF_NO_MEMORY
};

struct novita_heif_item {
  uint32_t id, type;
  uint32_t width, height;             /* as stored; 0 = none */
  struct novita_heif_reader config;   /* for the decoder */
  struct novita_heif_reader extents;  /* the rest of its entry in 'iloc' */
  bool in_idat;                       /* its data is in the 'idat' box */
  uint64_t base;                      /* offset of the extents */
  bool alpha;                         /* it is an alpha channel */
  bool checked;                       /* for the user */
};

struct novita_heif_reference { uint32_t type, from, to; };

struct novita_heif_container {
  struct novita_heif_reader file, idat;
  struct novita_heif_item *items;
  size_t item_count;
  struct novita_heif_reference *references;
  size_t reference_count;
  uint32_t primary;                   /* id */
  struct novita_heif_reader iref;     /* the box's body, or empty */
  bool has_unwanted;                  /* see novita_heif_container_hide */
  int id_size;                        /* of references, in bytes */
  int offset_size, length_size, index_size;  /* of extents */
};

/* NULL if it does not exist */
static inline struct novita_heif_item *novita_heif_container_find (
  const struct novita_heif_container *c, uint32_t id) {
  size_t i;
  for (i = 0; i < c->item_count; i++)
    if (c->items[i].id == id && c->items[i].type != 0) return &c->items[i];
  return NULL;
}

/* Call free in any case. */
NOVITA_FUNC enum novita_heif_state novita_heif_container_read (
  struct novita_heif_container *c, const uint8_t *bytes, size_t len);
NOVITA_FUNC void novita_heif_container_free (struct novita_heif_container *c);

/* The next extent of an item's data. 'left' starts as item->extents. */
NOVITA_FUNC struct novita_heif_reader novita_heif_container_extent (
  const struct novita_heif_container *c, const struct novita_heif_item *item,
  struct novita_heif_reader *left);

/* Hides references that are not needed to decode in a copy of the file.
** libheif before 1.18 refuses metadata and thumbnails of several images, as iOS
** 18 writes them. Needed only if 'has_unwanted'. */
NOVITA_FUNC void novita_heif_container_hide (
  const struct novita_heif_container *c, uint8_t *copy);

#endif
