/*
** lines.h: lines out of the pieces that a program prints. A line ends with \r
** or \n, for a progress bar prints itself over and over after a \r; empty lines
** are left out, and the rest of a line that exceeds the limit.
*/
#ifndef novita_server_lines_h
#define novita_server_lines_h

#include <stddef.h>

#include "../base/func.h"

#define NOVITA_LINES_LIMIT 4096

/* 'text' ends with a NUL that is not counted */
typedef void novita_lines_callback (void *context, const char *text,
                                    size_t len);

struct novita_lines {
  char text[NOVITA_LINES_LIMIT + 1];  /* the line that has not ended yet */
  size_t len;
};

/* calls 'line' for each line that ends in these bytes */
NOVITA_FUNC void novita_lines_add (struct novita_lines *l, const char *bytes,
                                   size_t n, novita_lines_callback *line,
                                   void *context);
/* nothing follows: the last line ends */
NOVITA_FUNC void novita_lines_end (struct novita_lines *l,
                                   novita_lines_callback *line, void *context);

#endif
