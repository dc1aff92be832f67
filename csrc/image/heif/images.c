/*
** images.c: see images.h
*/
#include <stdlib.h>
#include <string.h>

#include "bitstream.h"
#include "images.h"

#define DEEPEST 2              /* an image, its alpha, the tiles of that */
#define MOST_TILE_FACTOR 4     /* of the tiles' pixels to the image's */
#define FREE_TILE_PIXELS ((uint64_t)1 << 20)

typedef enum novita_heif_state state;

struct check {
  const struct novita_heif_container *c;
  uint64_t largest;
};

struct grid { uint32_t columns, rows, width, height; };


static bool is_coded (const struct novita_heif_item *it) {
  return it->type == NOVITA_HEIF_HEVC || it->type == NOVITA_HEIF_AV1;
}


/* {====== the data of an item ====== */
/* Joins the extents in memory of their total size, which no valid file makes
** larger than itself. */
static state join (const struct novita_heif_container *c,
                   const struct novita_heif_item *it, uint8_t **owned,
                   struct novita_heif_reader *data) {
  struct novita_heif_reader left = it->extents, part;
  size_t room = 0, len = 0;
  while (left.left > 0) {
    part = novita_heif_container_extent(c, it, &left);
    if (part.bad) return NOVITA_HEIF_CUT;
    if (left.bad || part.left > c->file.left - room) return NOVITA_HEIF_BROKEN;
    room += part.left;
  }
  *owned = malloc(room + 1);
  if (*owned == NULL) return NOVITA_HEIF_NO_MEMORY;
  for (left = it->extents; left.left > 0; len += part.left) {
    part = novita_heif_container_extent(c, it, &left);
    memcpy(*owned + len, part.p, part.left);
  }
  data->p = *owned;
  data->left = room;
  data->bad = false;
  return NOVITA_HEIF_OK;
}


/* '*owned' stays NULL if the data is one piece of the file */
static state find_data (const struct novita_heif_container *c,
                        const struct novita_heif_item *it, uint8_t **owned,
                        struct novita_heif_reader *data) {
  struct novita_heif_reader left = it->extents;
  if (left.left == 0) return NOVITA_HEIF_BROKEN;
  *data = novita_heif_container_extent(c, it, &left);
  if (left.left > 0) return join(c, it, owned, data);
  return data->bad ? NOVITA_HEIF_CUT : NOVITA_HEIF_OK;
}
/* }====== */


/* {====== coded images ====== */
static bool matches (const struct novita_heif_item *it,
                     struct novita_heif_reader data) {
  struct novita_heif_bitstream b = {0, 0, false};
  if (it->type == NOVITA_HEIF_HEVC) {
    novita_heif_bitstream_hevc_config(&b, it->config);
    novita_heif_bitstream_hevc(&b, data);
  }
  else {
    novita_heif_bitstream_av1_config(&b, it->config);
    novita_heif_bitstream_av1(&b, data);
  }
  return !b.bad && b.width == it->width && b.height == it->height;
}


static state check_coded (struct check *check,
                          const struct novita_heif_item *it) {
  struct novita_heif_reader data;
  uint8_t *owned = NULL;
  uint64_t area = (uint64_t)it->width * it->height;
  state s;
  if (area == 0 || it->config.p == NULL) return NOVITA_HEIF_BROKEN;
  s = find_data(check->c, it, &owned, &data);
  if (s == NOVITA_HEIF_OK && !matches(it, data)) s = NOVITA_HEIF_BROKEN;
  free(owned);
  if (area > check->largest) check->largest = area;
  return s;
}
/* }====== */


static state check_image (struct check *check, struct novita_heif_item *it,
                          int depth);


/* {====== grids ====== */
static state read_grid (const struct novita_heif_container *c,
                        const struct novita_heif_item *it, struct grid *g) {
  struct novita_heif_reader r;
  uint8_t *owned = NULL;
  int size;
  state s = find_data(c, it, &owned, &r);
  if (s == NOVITA_HEIF_OK) {
    novita_heif_reader_skip(&r, 1);
    size = novita_heif_reader_get(&r, 1) & 1 ? 4 : 2;
    g->rows = (uint32_t)novita_heif_reader_get(&r, 1) + 1;
    g->columns = (uint32_t)novita_heif_reader_get(&r, 1) + 1;
    g->width = (uint32_t)novita_heif_reader_get(&r, size);
    g->height = (uint32_t)novita_heif_reader_get(&r, size);
    if (r.bad || g->width != it->width || g->height != it->height)
      s = NOVITA_HEIF_BROKEN;
  }
  free(owned);
  return s;
}


/* Tiles of one size cover the image, and each shows a part of it. */
static bool covers (const struct grid *g, const struct novita_heif_item *tile) {
  uint64_t w = tile->width, h = tile->height;
  uint64_t area = (uint64_t)g->width * g->height;
  return (g->columns - 1) * w < g->width && g->columns * w >= g->width &&
         (g->rows - 1) * h < g->height && g->rows * h >= g->height &&
         g->columns * w * (g->rows * h) <=
           area * MOST_TILE_FACTOR + FREE_TILE_PIXELS;
}


static state check_tile (struct check *check, const struct grid *g,
                         struct novita_heif_item *tile, int depth) {
  if (tile == NULL) return NOVITA_HEIF_BROKEN;
  if (!is_coded(tile)) return NOVITA_HEIF_RARE;
  if (!covers(g, tile)) return NOVITA_HEIF_BROKEN;
  return check_image(check, tile, depth + 1);
}


static state check_grid (struct check *check,
                         const struct novita_heif_item *it, int depth) {
  const struct novita_heif_container *c = check->c;
  struct grid g = {0};  /* read_grid may fail */
  uint32_t tiles = 0;
  size_t i;
  state s = read_grid(c, it, &g);
  for (i = 0; i < c->reference_count && s == NOVITA_HEIF_OK; i++) {
    const struct novita_heif_reference *ref = &c->references[i];
    if (ref->from != it->id || ref->type != NOVITA_HEIF_TILE) continue;
    if (++tiles > g.rows * g.columns) break;
    s = check_tile(check, &g, novita_heif_container_find(c, ref->to), depth);
  }
  if (s == NOVITA_HEIF_OK && tiles != g.rows * g.columns)
    s = NOVITA_HEIF_BROKEN;
  return s;
}
/* }====== */


static state check_alpha (struct check *check,
                          const struct novita_heif_item *it, int depth) {
  const struct novita_heif_container *c = check->c;
  size_t i;
  state s = NOVITA_HEIF_OK;
  for (i = 0; i < c->reference_count && s == NOVITA_HEIF_OK; i++) {
    const struct novita_heif_reference *ref = &c->references[i];
    struct novita_heif_item *alpha;
    if (ref->to != it->id || ref->type != NOVITA_HEIF_AUXILIARY) continue;
    alpha = novita_heif_container_find(c, ref->from);
    if (alpha != NULL && alpha->alpha) s = check_image(check, alpha, depth + 1);
  }
  return s;
}


/* Overlays and images derived in other ways are refused: no camera writes
** them. */
static state check_image (struct check *check, struct novita_heif_item *it,
                          int depth) {
  state s;
  if (depth > DEEPEST) return NOVITA_HEIF_RARE;
  if (it->checked) return NOVITA_HEIF_OK;
  if (is_coded(it)) s = check_coded(check, it);
  else if (it->type == NOVITA_HEIF_GRID) s = check_grid(check, it, depth);
  else s = NOVITA_HEIF_RARE;
  if (s == NOVITA_HEIF_OK) s = check_alpha(check, it, depth);
  it->checked = s == NOVITA_HEIF_OK;
  return s;
}


state novita_heif_images_check (const struct novita_heif_container *c,
                                uint64_t *largest) {
  struct check check = {c, 0};
  struct novita_heif_item *it = novita_heif_container_find(c, c->primary);
  state s = it == NULL ? NOVITA_HEIF_BROKEN : check_image(&check, it, 0);
  *largest = check.largest;
  return s;
}
