/*
** properties.h: the properties of a HEIF file's items: sizes, the configuration
** of decoders, and which images are alpha channels.
*/
#ifndef novita_image_heif_properties_h
#define novita_image_heif_properties_h

#include "container.h"

/* 'ipco' has all properties; 'iprp', its parent, also says whose they are */
NOVITA_FUNC enum novita_heif_state novita_heif_properties_read (
  struct novita_heif_container *c, struct novita_heif_reader ipco,
  struct novita_heif_reader iprp);

#endif
