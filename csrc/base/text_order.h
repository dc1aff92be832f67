/*
** text_order.h: orders of text that are the same in every locale. strcmp and
** Lua's '<' depend on the locale, which a host may set.
** The results are negative, 0 or positive as for memcmp.
*/
#ifndef novita_base_text_order_h
#define novita_base_text_order_h

#include <stddef.h>

#include "func.h"

/* the order of the bytes; a text comes after its own beginning */
NOVITA_FUNC int novita_text_order_bytes (const char *left, size_t left_len,
                                         const char *right, size_t right_len);

/* the order of file names that people expect: img2 before img10. Numbers are
** compared by value and may have any number of digits, letters (ASCII)
** regardless of case. Names that are equal so far are ordered by their bytes:
** 0 only if they are the same. */
NOVITA_FUNC int novita_text_order_natural (const char *left, size_t left_len,
                                           const char *right,
                                           size_t right_len);

#endif
