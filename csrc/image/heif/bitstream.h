/*
** bitstream.h: the size of the image in coded data: from the sequence parameter
** sets of HEVC and the sequence headers of AV1. Decoders believe these, not the
** size in the file's header, which the limits are checked against.
*/
#ifndef novita_image_heif_bitstream_h
#define novita_image_heif_bitstream_h

#include "../../base/func.h"
#include "reader.h"

/* The sizes in the data so far: false once two differ, or one is invalid. */
struct novita_heif_bitstream {
  uint32_t width, height;  /* 0 = none yet */
  bool bad;
};

/* HEVC: a configuration box (hvcC), then units with 4 bytes of length each */
NOVITA_FUNC void novita_heif_bitstream_hevc_config (
  struct novita_heif_bitstream *b, struct novita_heif_reader config);
NOVITA_FUNC void novita_heif_bitstream_hevc (struct novita_heif_bitstream *b,
                                             struct novita_heif_reader data);

/* AV1: a configuration box (av1C), then the data */
NOVITA_FUNC void novita_heif_bitstream_av1_config (
  struct novita_heif_bitstream *b, struct novita_heif_reader config);
NOVITA_FUNC void novita_heif_bitstream_av1 (struct novita_heif_bitstream *b,
                                            struct novita_heif_reader data);

#endif
