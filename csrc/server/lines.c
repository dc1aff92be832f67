/*
** lines.c: see lines.h
*/
#include <string.h>

#include "lines.h"


static void append (struct novita_lines *l, const char *bytes, size_t n) {
  size_t room = NOVITA_LINES_LIMIT - l->len;
  if (n > room) n = room;
  memcpy(l->text + l->len, bytes, n);
  l->len += n;
}


void novita_lines_end (struct novita_lines *l, novita_lines_callback *line,
                       void *context) {
  size_t len = l->len;
  if (len == 0) return;
  l->text[len] = '\0';
  l->len = 0;
  line(context, l->text, len);
}


void novita_lines_add (struct novita_lines *l, const char *bytes, size_t n,
                       novita_lines_callback *line, void *context) {
  size_t i, from = 0;
  for (i = 0; i < n; i++) {
    if (bytes[i] != '\n' && bytes[i] != '\r') continue;
    append(l, bytes + from, i - from);
    from = i + 1;
    novita_lines_end(l, line, context);
  }
  append(l, bytes + from, n - from);
}
