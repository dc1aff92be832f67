/*
** error.c: see error.h
*/
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "error.h"


static const char *const names[] = {
  "ok", "network", "tls", "timeout", "http", "api", "protocol",
  "image", "file", "canceled", "memory"
};


const char *novita_error_kind_name (enum novita_error_kind kind) {
  return names[kind];
}


/* Texts may contain file names and words of a server. They must stay one line,
** and must not be able to move a terminal's cursor. */
static void make_printable (char *s) {
  for (; *s != '\0'; s++) {
    unsigned char c = (unsigned char)*s;
    if (c < 0x20 || c == 0x7f) *s = ' ';
  }
}


int novita_error_set (struct novita_error *e, enum novita_error_kind kind,
                      const char *code, const char *fmt, ...) {
  va_list args;
  int n;
  if (e == NULL) return -1;
  e->kind = kind;
  e->code = code;
  va_start(args, fmt);
  n = vsnprintf(e->text, sizeof e->text, fmt, args);
  va_end(args);
  if (n >= (int)sizeof e->text)
    memcpy(e->text + sizeof e->text - 4, "...", 4);
  make_printable(e->text);
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
