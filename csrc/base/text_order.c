/*
** text_order.c: see text_order.h.
*/
#include "text_order.h"

#include <stdbool.h>
#include <string.h>

struct cursor {
  const char *at, *end;
};

struct piece {           /* of a name: digits, or anything else */
  const char *text;
  size_t len;
};


int novita_text_order_bytes (const char *left, size_t left_len,
                             const char *right, size_t right_len) {
  size_t least = left_len < right_len ? left_len : right_len;
  int order = least > 0 ? memcmp(left, right, least) : 0;
  if (order != 0) return order;
  return (left_len > right_len) - (left_len < right_len);
}


static bool is_digit (char c) {
  return c >= '0' && c <= '9';
}


static unsigned char lower (char c) {
  return (unsigned char)(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
}


static struct piece next_piece (struct cursor *c, bool digits) {
  struct piece p = {c->at, 0};
  while (c->at < c->end && is_digit(*c->at) == digits) c->at++;
  p.len = (size_t)(c->at - p.text);
  return p;
}


static int order_words (struct piece left, struct piece right) {
  size_t i, least = left.len < right.len ? left.len : right.len;
  for (i = 0; i < least; i++) {
    int order = lower(left.text[i]) - lower(right.text[i]);
    if (order != 0) return order;
  }
  return (left.len > right.len) - (left.len < right.len);
}


static struct piece without_zeros (struct piece p) {
  while (p.len > 0 && *p.text == '0') p.text++, p.len--;
  return p;
}


/* of two numbers, the one with more digits is larger */
static int order_numbers (struct piece left, struct piece right) {
  left = without_zeros(left);
  right = without_zeros(right);
  if (left.len != right.len) return left.len < right.len ? -1 : 1;
  return novita_text_order_bytes(left.text, left.len, right.text, right.len);
}


static int order_pieces (struct cursor left, struct cursor right) {
  bool digits = false;
  while (left.at < left.end && right.at < right.end) {
    struct piece one = next_piece(&left, digits);
    struct piece other = next_piece(&right, digits);
    int order = digits ? order_numbers(one, other) : order_words(one, other);
    if (order != 0) return order;
    digits = !digits;
  }
  return (left.at < left.end) - (right.at < right.end);
}


int novita_text_order_natural (const char *left, size_t left_len,
                               const char *right, size_t right_len) {
  struct cursor one = {left, left + left_len};
  struct cursor other = {right, right + right_len};
  int order = order_pieces(one, other);
  if (order != 0) return order;
  return novita_text_order_bytes(left, left_len, right, right_len);
}
