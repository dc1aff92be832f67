/*
** kernels_x86.h: shared by the tables of both register sizes: shuffles that put
** a pixel's alpha next to its colours.
*/
#ifndef novita_image_resample_kernels_x86_h
#define novita_image_resample_kernels_x86_h

#include <stdint.h>

/* for the lower and the upper half of 16 bytes widened to words, and the factor
** of alpha itself */
struct novita_alpha_layout { int8_t low[16], high[16]; int16_t own[8]; };

#define A(i) (i), -1
#define Z -1, -1

/* gray with alpha, and RGBA */
static const struct novita_alpha_layout novita_alpha_layouts[2] = {
  {{A(1), Z, A(3), Z, A(5), Z, A(7), Z},
   {A(9), Z, A(11), Z, A(13), Z, A(15), Z},
   {0, 255, 0, 255, 0, 255, 0, 255}},
  {{A(3), A(3), A(3), Z, A(7), A(7), A(7), Z},
   {A(11), A(11), A(11), Z, A(15), A(15), A(15), Z},
   {0, 0, 0, 255, 0, 0, 0, 255}}
};

#undef A
#undef Z

#endif
