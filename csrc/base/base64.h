/*
** base64.h: the encoding of pictures inside JSON (RFC 4648, with padding).
*/
#ifndef novita_base_base64_h
#define novita_base_base64_h

#include <stddef.h>

#include "func.h"

/* characters that 'n' bytes become, without a NUL */
#define NOVITA_BASE64_SIZE(n) (((n) + 2) / 3 * 4)

NOVITA_FUNC void novita_base64_encode (const unsigned char *data, size_t n,
                                char *out);

#endif
