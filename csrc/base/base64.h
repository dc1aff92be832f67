/*
** base64.h: the encoding of images inside JSON (RFC 4648, with padding).
*/
#ifndef novita_base_base64_h
#define novita_base_base64_h

#include <stddef.h>
#include <stdint.h>

#include "func.h"

/* length of 'n' encoded bytes, without a NUL */
#define NOVITA_BASE64_SIZE(n) (((n) + 2) / 3 * 4)

NOVITA_FUNC void novita_base64_encode (const uint8_t *data, size_t n,
                                char *out);

#endif
