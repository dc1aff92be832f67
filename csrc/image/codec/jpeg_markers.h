/*
** jpeg_markers.h: the markers of a JPEG file. A marker is 0xff and one of these
** bytes; all but a few have a length and data after them.
*/
#ifndef novita_image_codec_jpeg_markers_h
#define novita_image_codec_jpeg_markers_h

#include <stdbool.h>

enum novita_jpeg_marker {
  NOVITA_JPEG_TEM = 0x01,    /* obsolete */
  NOVITA_JPEG_SOF0 = 0xc0, NOVITA_JPEG_DHT = 0xc4, NOVITA_JPEG_DQT = 0xdb,
  NOVITA_JPEG_RST0 = 0xd0, NOVITA_JPEG_RST7 = 0xd7,
  NOVITA_JPEG_SOI = 0xd8, NOVITA_JPEG_EOI = 0xd9, NOVITA_JPEG_SOS = 0xda,
  NOVITA_JPEG_APP0 = 0xe0, NOVITA_JPEG_APP2 = 0xe2, NOVITA_JPEG_APP14 = 0xee,
  NOVITA_JPEG_APP15 = 0xef, NOVITA_JPEG_COM = 0xfe
};


static inline bool novita_jpeg_markers_is_restart (int marker) {
  return marker >= NOVITA_JPEG_RST0 && marker <= NOVITA_JPEG_RST7;
}


/* without a length; EOI, at which a reader ends, is not among them */
static inline bool novita_jpeg_markers_stands_alone (int marker) {
  return marker == NOVITA_JPEG_TEM || marker == NOVITA_JPEG_SOI ||
         novita_jpeg_markers_is_restart(marker);
}

#endif
