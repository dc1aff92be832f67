/*
** guard.h: how libpng is called, to read and to write. libpng reports an
** error with longjmp, so novita_png_guard_call makes every call to it. Nothing
** that the jump skips owns memory: everything is in the caller's struct.
*/
#ifndef novita_image_png_guard_h
#define novita_image_png_guard_h

#include <setjmp.h>
#include <stdbool.h>

#include <png.h>

#include "../../base/error.h"

/* the first member of the decoder's and the encoder's struct, which is also
** libpng's error pointer */
struct novita_png_guard {
  jmp_buf escape;
  struct novita_error *e;   /* of the current call */
  bool writes;              /* a file: errors are encoding errors */
};

/* Calls step(g). 0, or -1 if it failed or left through novita_png_guard_leave.
*/
NOVITA_FUNC int novita_png_guard_call (struct novita_png_guard *g,
                                       void (*step) (void *png),
                                       struct novita_error *e);

/* libpng's error function */
NOVITA_FUNC void novita_png_guard_fail (png_structp png, png_const_charp text);

/* back to novita_png_guard_call, which returns -1 */
NOVITA_FUNC _Noreturn void novita_png_guard_leave (
  struct novita_png_guard *g);

#endif
