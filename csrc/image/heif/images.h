/*
** images.h: checks the images of a HEIF file before libheif decodes them. A
** file of a few hundred bytes can hold images that decoders need gigabytes or
** hours for: coded data that is larger than its header says, grids of endless
** tiles, images that are made of themselves.
**
** Afterwards it is certain that libheif decodes only the primary image, its
** tiles and their alpha, that each is as large as its header says, and that
** tiles hardly exceed the image.
*/
#ifndef novita_image_heif_images_h
#define novita_image_heif_images_h

#include "container.h"

/* '*largest': the pixels of the largest image that is decoded at a time */
NOVITA_FUNC enum novita_heif_state novita_heif_images_check (
  const struct novita_heif_container *c, uint64_t *largest);

#endif
