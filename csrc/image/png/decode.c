/*
** decode.c: reads PNG through libpng: every colour type and depth becomes 8-bit
** gray, gray + alpha, RGB or RGBA; 16 bits may be kept. A plain file is read
** row by row, an interlaced one is held whole.
**
** libpng reports errors with longjmp: see guard.h.
*/
#include <stdlib.h>
#include <string.h>

#include <png.h>

#include "../codec/chunks.h"
#include "../codec/decoder.h"
#include "../codec/exif.h"
#include "../codec/pixels.h"
#include "guard.h"

#define LONGEST_CHUNK (8u << 20)  /* of chunks other than pixels */

struct png {
  struct novita_png_guard guard;  /* first member */
  png_structp png;
  png_infop info;
  struct novita_decoder *d;
  size_t at;                    /* bytes read so far */
  uint8_t *row;                 /* output of the current row */
  struct novita_pixels whole;   /* an interlaced image, else empty */
  bool started;
  bool broken;                  /* lenient, and no more rows can be read */
};

/* Wrong checksums of pixels become warnings only for a lenient decoder. All
** other warnings are about skipped chunks. */
static void on_warning (png_structp png, png_const_charp text) {
  struct png *p = png_get_error_ptr(png);
  if (strstr(text, "CRC") != NULL) p->d->truncated = true;
}


/* libpng inflates a chunk in pieces of some kilobytes. If the last chunk claims
** to end where the file does, libpng uses all the bytes there are. */
static void shorten_chunk (const struct png *p, png_bytep header) {
  size_t left = p->d->file->len - p->at;
  if (memcmp(header + 4, "IDAT", 4) == 0 && png_get_uint_32(header) > left)
    png_save_uint_32(header, (png_uint_32)left);
}


static void on_read (png_structp png, png_bytep out, size_t n) {
  struct png *p = png_get_io_ptr(png);
  struct novita_decoder *d = p->d;
  if (n > d->file->len - p->at) {
    novita_decoder_fail_truncated(d, p->guard.e);
    novita_png_guard_leave(&p->guard);
  }
  memcpy(out, d->file->data + p->at, n);
  p->at += n;
  if (d->lenient && n == 8) shorten_chunk(p, out);
}


/* Texts, profiles and times do not change pixels here, and may be decompression
** bombs: libpng skips them. */
static void skip_metadata (struct png *p) {
#ifdef PNG_HANDLE_AS_UNKNOWN_SUPPORTED
  static const png_byte names[] =
    "tEXt\0zTXt\0iTXt\0iCCP\0sRGB\0gAMA\0cHRM\0tIME\0sPLT\0hIST\0"
    "pCAL\0sCAL\0eXIf";
  png_set_keep_unknown_chunks(p->png, PNG_HANDLE_CHUNK_NEVER, names,
                              (int)(sizeof names / 5));
#endif
}


static void read_header (void *png) {
  struct png *p = png;
  png_set_read_fn(p->png, p, on_read);
  png_set_user_limits(p->png, 0x7fffffff, 0x7fffffff);
  png_set_chunk_malloc_max(p->png, LONGEST_CHUNK);
  if (p->d->lenient)
    png_set_crc_action(p->png, PNG_CRC_WARN_USE, PNG_CRC_WARN_USE);
  skip_metadata(p);
  png_read_info(p->png, p->info);
}


/* PNG stores the high byte first. */
static void set_depth (struct png *p) {
  const uint16_t one = 1;
  if (!p->d->info.wide) png_set_scale_16(p->png);
  else if (*(const uint8_t *)&one == 1) png_set_swap(p->png);
}


/* Sets libpng's output to what 'describe' announced, and checks that both
** agree. */
static void set_transforms (void *png) {
  struct png *p = png;
  png_set_expand(p->png);
  set_depth(p);
  png_set_packing(p->png);
  png_set_interlace_handling(p->png);
  png_read_update_info(p->png, p->info);
  if (png_get_channels(p->png, p->info) != p->d->info.channels ||
      png_get_bit_depth(p->png, p->info) / 8 !=
      novita_decoder_sample_size(p->d))
    png_error(p->png, "its chunks contradict each other");
}


static int orientation (const struct novita_decoder *d) {
  size_t len;
  const uint8_t *exif = novita_chunks_find_png(d->file->data, d->file->len,
                                               "eXIf", &len);
  return exif == NULL ? NOVITA_EXIF_UPRIGHT : novita_exif_orientation(exif,
                                                                      len);
}


/* A palette after tRNS cancels it; libpng still reports a tRNS, but with no
** entries. */
static bool has_transparency (const struct png *p) {
  int n = 0;
  return png_get_tRNS(p->png, p->info, NULL, &n, NULL) != 0 && n > 0;
}


static void describe (struct png *p) {
  struct novita_image_info *info = &p->d->info;
  int type = png_get_color_type(p->png, p->info);
  int colour = (type & PNG_COLOR_MASK_COLOR) != 0;
  info->alpha = (type & PNG_COLOR_MASK_ALPHA) != 0 || has_transparency(p);
  info->bits = png_get_bit_depth(p->png, p->info);
  info->channels = (colour ? 3 : 1) + (info->alpha ? 1 : 0);
  info->orientation = orientation(p->d);
}


static int open_png (struct novita_decoder *d, struct novita_error *e) {
  struct png *p = calloc(1, sizeof *p);
  if (p == NULL) return novita_error_set_memory(e);
  d->state = p;
  p->d = d;
  p->png = png_create_read_struct(PNG_LIBPNG_VER_STRING, p,
                                  novita_png_guard_fail, on_warning);
  if (p->png != NULL) p->info = png_create_info_struct(p->png);
  if (p->info == NULL) return novita_error_set_memory(e);
  if (novita_png_guard_call(&p->guard, read_header, e) != 0) return -1;
  if (novita_decoder_set_size(d, png_get_image_width(p->png, p->info),
                              png_get_image_height(p->png, p->info), e) != 0)
    return -1;
  describe(p);
  if (png_get_interlace_type(p->png, p->info) != PNG_INTERLACE_NONE)
    d->needs = d->needs_wide = (uint64_t)d->width * (uint64_t)d->height *
                               (uint64_t)d->info.channels;
  return 0;
}


/* all seven passes into the image in memory */
static void read_passes (void *png) {
  struct png *p = png;
  int pass, y;
  for (pass = 0; pass < 7; pass++)
    for (y = 0; y < p->whole.height; y++) {
      if (novita_decoder_check_time(p->d, p->guard.e) != 0)
        novita_png_guard_leave(&p->guard);
      png_read_row(p->png, novita_pixels_row(&p->whole, y), NULL);
    }
}


static void read_row (void *png) {
  struct png *p = png;
  png_read_row(p->png, p->row, NULL);
}


/* The result of a failed step: an error, or the last row that a lenient decoder
** can read. */
static int give_up (struct png *p, struct novita_error *e) {
  if (!p->d->lenient || (e != NULL &&
                         e->kind == NOVITA_ERROR_MEMORY)) return -1;
  if (novita_decoder_check_time(p->d, e) != 0) return -1;
  p->broken = true;
  p->d->truncated = true;
  return 0;
}


static int start_interlaced (struct png *p, struct novita_error *e) {
  const struct novita_image_info *info = &p->d->info;
  int y, bytes = info->channels * novita_decoder_sample_size(p->d);
  if (novita_decoder_check_memory(p->d, p->d->needs, e) != 0) return -1;
  if (novita_pixels_open(&p->whole, info->width, info->height, bytes,
                         p->d->limits.pixels, e) != 0)
    return -1;
  for (y = 0; y < info->height; y++)
    novita_decoder_fill_missing(p->d, novita_pixels_row(&p->whole, y));
  if (novita_png_guard_call(&p->guard, read_passes, e) != 0) return give_up(p,
                                                                            e);
  return 0;
}


static int start_once (struct png *p, struct novita_error *e) {
  if (p->started) return 0;
  p->started = true;
  if (novita_png_guard_call(&p->guard, set_transforms, e) != 0) return -1;
  if (p->d->needs == 0) return 0;
  return start_interlaced(p, e);
}


static int row_png (struct novita_decoder *d, uint8_t *row,
                    struct novita_error *e) {
  struct png *p = d->state;
  if (start_once(p, e) != 0) return -1;
  p->row = row;
  if (p->whole.data != NULL)
    memcpy(row, novita_pixels_row(&p->whole, d->next),
           novita_pixels_stride(&p->whole));
  else if (p->broken)
    novita_decoder_fill_missing(d, row);
  else if (novita_png_guard_call(&p->guard, read_row, e) != 0) {
    novita_decoder_fill_missing(d, row);
    return give_up(p, e);
  }
  return 0;
}


static void read_to_end (void *png) {
  struct png *p = png;
  png_read_end(p->png, NULL);
}


/* All pixels have been read and their checksums are right: chunks after them
** may be missing or damaged. */
static int finish_png (struct novita_decoder *d, struct novita_error *e) {
  struct png *p = d->state;
  struct novita_error why;
  bool truncated = d->truncated;
  if (p->broken) return 0;
  d->unended = novita_png_guard_call(&p->guard, read_to_end, &why) != 0;
  d->truncated = truncated;
  if (!d->unended || why.kind == NOVITA_ERROR_IMAGE) return 0;
  if (e != NULL) *e = why;
  return -1;
}


static void close_png (struct novita_decoder *d) {
  struct png *p = d->state;
  png_destroy_read_struct(&p->png, &p->info, NULL);
  novita_pixels_close(&p->whole);
  free(p);
}


const struct novita_decoder_type novita_png_decode_type = {
  .whole = true, .open = open_png, .row = row_png, .finish = finish_png,
  .close = close_png
};
