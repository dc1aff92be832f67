/*
** alpha.h: converts rows between numbers of channels, as an encoder needs them.
** 'n' counts pixels. Input and output may be the same row if the number of
** channels does not grow. The resampler weights colours by alpha itself
** (resample.h).
*/
#ifndef novita_image_codec_alpha_h
#define novita_image_codec_alpha_h

#include <stdint.h>

#include "../../base/func.h"

/* any row as 3 channels; straight alpha is composited on the background */
NOVITA_FUNC void novita_alpha_flatten_row (uint8_t *rgb, const uint8_t *row,
                                           int n, int channels,
                                           const uint8_t background[3]);

/* Converts a row of 'from' channels to one of 'to'. Added alpha is opaque,
** removed alpha is composited on the background. Colour becomes gray by Rec.
** 601 luma, as in JPEG. */
NOVITA_FUNC void novita_alpha_convert_row (uint8_t *out, int to,
                                           const uint8_t *row, int from, int n,
                                           const uint8_t background[3]);

#endif
