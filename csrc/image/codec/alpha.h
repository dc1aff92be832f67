/*
** alpha.h: rows with alpha, in the colours that an encoder wants. 'n' counts
** pixels. In and out may be the same row where the number of channels does not
** grow. The resampler weights colours by alpha itself (resample.h).
*/
#ifndef novita_image_codec_alpha_h
#define novita_image_codec_alpha_h

#include <stdint.h>

#include "../../base/func.h"

/* any row as 3 channels, straight alpha laid on the background */
NOVITA_FUNC void novita_alpha_flatten_row (uint8_t *rgb, const uint8_t *row,
                                           int n, int channels,
                                           const uint8_t background[3]);

/* a row with 'from' channels as one with 'to'; alpha that is new is opaque,
** alpha that goes is laid on the background. From colour to gray is Rec. 601
** luma, as in JPEG. */
NOVITA_FUNC void novita_alpha_convert_row (uint8_t *out, int to,
                                           const uint8_t *row, int from, int n,
                                           const uint8_t background[3]);

#endif
