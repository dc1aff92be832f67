/*
** json.c: see json.h. The checker moves a cursor past the text it accepts; the
** lookups skip over values that have been checked before.
*/
#include <langinfo.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "json.h"

#define MAX_NUMBER 64  /* bytes of a number's text */
#define MAX_POINT 8    /* bytes of a locale's decimal point */


/* {====== checking ====== */

struct cursor {
  const char *at, *end;
  int depth;
};

static bool check_value (struct cursor *c);


static void skip_space (struct cursor *c) {
  while (c->at < c->end && (*c->at == ' ' || *c->at == '\t' ||
                            *c->at == '\n' || *c->at == '\r'))
    c->at++;
}


static bool eat (struct cursor *c, char expected) {
  if (c->at == c->end || *c->at != expected) return false;
  c->at++;
  return true;
}


static bool check_word (struct cursor *c, const char *word) {
  size_t n = strlen(word);
  if ((size_t)(c->end - c->at) < n || memcmp(c->at, word, n) != 0)
    return false;
  c->at += n;
  return true;
}


static bool check_digits (struct cursor *c) {
  const char *from = c->at;
  while (c->at < c->end && *c->at >= '0' && *c->at <= '9') c->at++;
  return c->at > from;
}


static bool check_number (struct cursor *c) {
  eat(c, '-');
  if (!eat(c, '0') && !check_digits(c)) return false;
  if (eat(c, '.') && !check_digits(c)) return false;
  if (eat(c, 'e') || eat(c, 'E')) {
    if (!eat(c, '+')) eat(c, '-');
    return check_digits(c);
  }
  return true;
}


static int hex_digit (char ch) {
  if (ch >= '0' && ch <= '9') return ch - '0';
  if (ch >= 'a' && ch <= 'f') return ch - 'a' + 10;
  if (ch >= 'A' && ch <= 'F') return ch - 'A' + 10;
  return -1;
}


static bool check_escape (struct cursor *c) {
  int i;
  if (c->at == c->end || *c->at == '\0') return false;
  if (*c->at != 'u') return strchr("\"\\/bfnrt", *c->at++) != NULL;
  c->at++;
  for (i = 0; i < 4; i++)
    if (c->at == c->end || hex_digit(*c->at++) < 0) return false;
  return true;
}


/* which bytes do not stand for themselves in a string: control characters, the
** quote and the backslash */
static const bool special[256] = {
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,
  ['"'] = 1, ['\\'] = 1
};


static bool is_special (char c) {
  return special[(unsigned char)c];
}


static bool check_string (struct cursor *c) {
  if (!eat(c, '"')) return false;
  for (;;) {
    const char *at = c->at;
    while (at < c->end && !is_special(*at)) at++;
    c->at = at;
    if (eat(c, '"')) return true;
    if (!eat(c, '\\') || !check_escape(c)) return false;
  }
}


static bool check_member (struct cursor *c) {
  skip_space(c);
  if (!check_string(c)) return false;
  skip_space(c);
  return eat(c, ':') && check_value(c);
}


static bool check_list (struct cursor *c, char close,
                        bool (*item) (struct cursor *c)) {
  c->at++;
  skip_space(c);
  if (eat(c, close)) return true;
  do {
    if (!item(c)) return false;
    skip_space(c);
  } while (eat(c, ','));
  return eat(c, close);
}


static bool check_nested (struct cursor *c) {
  bool good;
  if (c->depth == NOVITA_JSON_DEPTH) return false;
  c->depth++;
  good = *c->at == '{' ? check_list(c, '}', check_member)
                       : check_list(c, ']', check_value);
  c->depth--;
  return good;
}


static bool check_value (struct cursor *c) {
  skip_space(c);
  if (c->at == c->end) return false;
  switch (*c->at) {
    case '{': case '[': return check_nested(c);
    case '"': return check_string(c);
    case 't': return check_word(c, "true");
    case 'f': return check_word(c, "false");
    case 'n': return check_word(c, "null");
    default: return check_number(c);
  }
}


bool novita_json_check (const char *text, size_t len,
                        struct novita_json *root) {
  struct cursor c = {text, text + len, 0};
  if (len >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) c.at += 3;
  if (c.at == c.end) return false;
  skip_space(&c);
  root->at = c.at;
  root->end = c.end;
  if (!check_value(&c)) return false;
  skip_space(&c);
  return c.at == c.end;
}

/* }====== */


/* {====== lookups, in checked text ====== */

static const char *past_space (const char *at) {
  while (*at == ' ' || *at == '\t' || *at == '\n' || *at == '\r') at++;
  return at;
}


static const char *past_string (const char *at) {
  for (at++; ; at += 2) {
    while (!is_special(*at)) at++;
    if (*at == '"') return at + 1;
  }
}


/* Brackets are balanced, so counting them is enough. */
static const char *past_nested (const char *at) {
  int depth = 0;
  do {
    if (*at == '"') {
      at = past_string(at);
      continue;
    }
    if (*at == '{' || *at == '[') depth++;
    if (*at == '}' || *at == ']') depth--;
    at++;
  } while (depth > 0);
  return at;
}


static const char *past_value (struct novita_json v) {
  const char *at = v.at;
  if (*at == '"') return past_string(at);
  if (*at == '{' || *at == '[') return past_nested(at);
  while (at < v.end && strchr(",]} \t\r\n", *at) == NULL) at++;
  return at;
}


void novita_json_begin (struct novita_json v, struct novita_json_walk *w) {
  w->object = *v.at == '{';
  w->value = w->name = v;
  w->at = w->object || *v.at == '[' ? v.at : NULL;
}


/* 'at' is at the bracket or comma before the next item, or at the closing
** bracket after the last */
bool novita_json_step (struct novita_json_walk *w) {
  const char *at = w->at;
  if (at == NULL || *at == '}' || *at == ']') return false;
  at = past_space(at + 1);
  if (*at == '}' || *at == ']') return false;
  if (w->object) {
    w->name.at = at;
    at = past_space(past_string(at));
    at = past_space(at + 1);
  }
  w->value.at = at;
  w->at = past_space(past_value(w->value));
  return true;
}


/* Field names of the API have no escapes, so an escaped name never matches. */
static bool is_named (struct novita_json name, const char *expected) {
  const char *at = name.at + 1;  /* the quote at its end stops the walk */
  while (*at == *expected && *expected != '\0') at++, expected++;
  return *expected == '\0' && *at == '"';
}


void novita_json_members (struct novita_json v, const char *const *names,
                          struct novita_json *members, size_t count) {
  struct novita_json_walk w;
  size_t i;
  for (i = 0; i < count; i++) members[i].at = NULL;
  if (*v.at != '{') return;
  for (novita_json_begin(v, &w); novita_json_step(&w); )
    for (i = 0; i < count; i++)
      if (is_named(w.name, names[i])) {
        members[i] = w.value;
        if (*w.value.at == 'n') members[i].at = NULL;
        break;
      }
}


bool novita_json_member (struct novita_json v, const char *name,
                         struct novita_json *member) {
  novita_json_members(v, &name, member, 1);
  return member->at != NULL;
}

/* }====== */


/* {====== scalars ====== */

static size_t put_utf8 (char *out, unsigned code) {
  if (code < 0x80) {
    out[0] = (char)code;
    return 1;
  }
  if (code < 0x800) {
    out[0] = (char)(0xc0 | (code >> 6));
    out[1] = (char)(0x80 | (code & 0x3f));
    return 2;
  }
  if (code < 0x10000) {
    out[0] = (char)(0xe0 | (code >> 12));
    out[1] = (char)(0x80 | ((code >> 6) & 0x3f));
    out[2] = (char)(0x80 | (code & 0x3f));
    return 3;
  }
  out[0] = (char)(0xf0 | (code >> 18));
  out[1] = (char)(0x80 | ((code >> 12) & 0x3f));
  out[2] = (char)(0x80 | ((code >> 6) & 0x3f));
  out[3] = (char)(0x80 | (code & 0x3f));
  return 4;
}


static unsigned hex4 (const char *at) {
  return (unsigned)(hex_digit(at[0]) << 12 | hex_digit(at[1]) << 8 |
                    hex_digit(at[2]) << 4 | hex_digit(at[3]));
}


/* 'at' is just after "\u"; a lone surrogate becomes U+FFFD */
static unsigned unescape_unicode (const char **at) {
  unsigned code = hex4(*at), low;
  *at += 4;
  if (code < 0xd800 || code > 0xdfff) return code;
  if (code > 0xdbff || (*at)[0] != '\\' || (*at)[1] != 'u') return 0xfffd;
  low = hex4(*at + 2);
  if (low < 0xdc00 || low > 0xdfff) return 0xfffd;
  *at += 6;
  return 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
}


/* 'at' is just after the backslash */
static size_t unescape (const char **at, char *out) {
  static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
  char ch = *(*at)++;
  if (ch == 'u') return put_utf8(out, unescape_unicode(at));
  *out = to[strchr(from, ch) - from];
  return 1;
}


static bool string_text (const char *at, char *out, size_t size) {
  size_t len = 0;
  for (at++; *at != '"'; ) {
    char piece[4];
    size_t n = 1;
    piece[0] = *at++;
    if (piece[0] == '\\') n = unescape(&at, piece);
    if (len + n >= size || (n == 1 && piece[0] == '\0')) return false;
    memcpy(out + len, piece, n);
    len += n;
  }
  out[len] = '\0';
  return true;
}


static bool is_number (char first) {
  return first == '-' || (first >= '0' && first <= '9');
}


bool novita_json_text (struct novita_json v, char *out, size_t size) {
  size_t n;
  if (*v.at == '"') return string_text(v.at, out, size);
  if (!is_number(*v.at)) return false;
  n = (size_t)(past_value(v) - v.at);
  if (n >= size) return false;
  memcpy(out, v.at, n);
  out[n] = '\0';
  return true;
}


/* 'text' is a valid number. strtod wants the decimal point of the locale that
** the host has set. */
static double parse_double (const char *text) {
  char local[MAX_NUMBER + MAX_POINT];
  const char *dot = strchr(text, '.');
  if (dot == NULL) return strtod(text, NULL);
  snprintf(local, sizeof local, "%.*s%.*s%s", (int)(dot - text), text,
           MAX_POINT - 1, nl_langinfo(RADIXCHAR), dot + 1);
  return strtod(local, NULL);
}


/* Most numbers of the service are small and whole. */
static bool parse_small (const char *text, double *number) {
  int64_t n = 0;
  size_t i;
  for (i = 0; i < 15 && text[i] >= '0' && text[i] <= '9'; i++)
    n = n * 10 + (text[i] - '0');
  *number = (double)n;
  return i > 0 && text[i] == '\0';
}


bool novita_json_number (struct novita_json v, double *number) {
  char text[MAX_NUMBER];
  struct cursor c;
  if (!novita_json_text(v, text, sizeof text)) return false;
  c.at = text;
  c.end = text + strlen(text);
  c.depth = 0;
  if (!check_number(&c) || c.at != c.end) return false;
  if (!parse_small(text, number)) *number = parse_double(text);
  return true;
}

/* }====== */
