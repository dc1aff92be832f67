/*
** hmac.h: HMAC-SHA256 (RFC 2104).
*/
#ifndef novita_base_hmac_h
#define novita_base_hmac_h

#include "sha256.h"

NOVITA_FUNC void novita_hmac_sha256 (const void *key, size_t key_len,
                                     const void *text, size_t len,
                                     uint8_t out[NOVITA_SHA256_SIZE]);

#endif
