/*
** error.c: see error.h
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "text.h"

#define LONGEST 8192  /* bytes of a text: two long paths */


static const char *const names[] = {
  "ok", "network", "tls", "timeout", "http", "api", "protocol",
  "image", "file", "canceled", "memory"
};


const char *novita_error_kind_name (enum novita_error_kind kind) {
  return names[kind];
}


/* A text that is too long loses its middle: it begins with what was done, and
** ends with the reason. */
static void fit (char *to, size_t size, const char *text) {
  static const char mark[] = "...";
  size_t len = strlen(text), half = (size - sizeof mark) / 2, start, rest;
  if (len < size) {
    memcpy(to, text, len + 1);
    return;
  }
  start = novita_text_cut(text, half);
  rest = len - half;
  while (rest < len && ((unsigned char)text[rest] & 0xc0) == 0x80) rest++;
  snprintf(to, size, "%.*s%s%s", (int)start, text, mark, text + rest);
}


/* Texts must stay one line, and must not be able to move a terminal's
** cursor. */
int novita_error_set (struct novita_error *e, enum novita_error_kind kind,
                      const char *code, const char *fmt, ...) {
  char text[LONGEST];
  va_list args;
  if (e == NULL) return -1;
  e->kind = kind;
  e->code = code;
  va_start(args, fmt);
  vsnprintf(text, sizeof text, fmt, args);
  va_end(args);
  text[novita_text_make_printable(text, strlen(text), ' ')] = '\0';
  fit(e->text, sizeof e->text, text);
  return -1;
}


int novita_error_set_memory (struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_MEMORY, "memory", "out of memory");
}


void novita_error_clear (struct novita_error *e) {
  e->kind = NOVITA_ERROR_NONE;
  e->code = "";
  e->text[0] = '\0';
}
