/*
** guard.c: see guard.h
*/
#include <string.h>

#include "guard.h"


int novita_png_guard_call (struct novita_png_guard *g,
                           void (*step) (void *png), struct novita_error *e) {
  g->e = e;
  if (setjmp(g->escape) != 0) return -1;
  step(g);
  return 0;
}


void novita_png_guard_leave (struct novita_png_guard *g) {
  longjmp(g->escape, 1);
}


/* Only the text shows that libpng is out of memory: "Out of memory",
** "insufficient memory to read chunk". */
void novita_png_guard_fail (png_structp png, png_const_charp text) {
  struct novita_png_guard *g = png_get_error_ptr(png);
  if (strstr(text, "memory") != NULL)
    novita_error_set_memory(g->e);
  else if (g->writes)
    novita_error_set(g->e, NOVITA_ERROR_IMAGE, "encode",
                     "cannot be written as PNG (%s)", text);
  else
    novita_error_set(g->e, NOVITA_ERROR_IMAGE, "corrupt",
                     "is a damaged PNG (%s): export or copy it again", text);
  novita_png_guard_leave(g);
}
