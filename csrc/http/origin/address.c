/*
** address.c: see address.h. The tables are IANA's special-purpose registries
** of IPv4 and IPv6 addresses, without the globally reachable blocks.
*/
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"

struct block4 { uint32_t from; int bits; };
struct block6 { uint8_t from[6]; int bits; };

static const struct block4 special4[] = {
  {0x00000000, 8},   /* "this network" */
  {0x0a000000, 8},   /* private */
  {0x64400000, 10},  /* shared by a carrier's customers */
  {0x7f000000, 8},   /* loopback */
  {0xa9fe0000, 16},  /* link-local; also cloud metadata servers */
  {0xac100000, 12},  /* private */
  {0xc0000000, 24},  /* protocol assignments */
  {0xc0000200, 24},  /* documentation */
  {0xc0586300, 24},  /* 6to4 relays, deprecated */
  {0xc0a80000, 16},  /* private */
  {0xc6120000, 15},  /* benchmarks */
  {0xc6336400, 24},  /* documentation */
  {0xcb007100, 24},  /* documentation */
  {0xe0000000, 3}    /* multicast, reserved, broadcast */
};

/* Public addresses begin with 2000::/3, except for these blocks. */
static const struct block6 special6[] = {
  {{0x20, 0x01, 0x00, 0x00}, 23},  /* protocols: Teredo, benchmarks, ORCHID */
  {{0x20, 0x01, 0x0d, 0xb8}, 32},  /* documentation */
  {{0x3f, 0xff, 0x00, 0x00}, 20}   /* documentation */
};


static bool public4 (uint32_t a) {
  size_t i;
  for (i = 0; i < sizeof special4 / sizeof special4[0]; i++)
    if ((a ^ special4[i].from) >> (32 - special4[i].bits) == 0) return false;
  return true;
}


/* networks of an organization, a VPN, a carrier, or a proxy that maps names to
** addresses of its choice */
static const struct block4 private4[] = {
  {0x0a000000, 8}, {0x64400000, 10}, {0xac100000, 12}, {0xc0a80000, 16},
  {0xc6120000, 15}
};


static bool private_v4 (uint32_t a) {
  size_t i;
  for (i = 0; i < sizeof private4 / sizeof private4[0]; i++)
    if ((a ^ private4[i].from) >> (32 - private4[i].bits) == 0) return true;
  return false;
}


/* the bytes of an address, in network order; 0 = not an address */
static int read_address (const char *text, uint8_t out[16]) {
  if (inet_pton(AF_INET, text, out) == 1) return 4;
  return inet_pton(AF_INET6, text, out) == 1 ? 16 : 0;
}


static uint32_t read4 (const uint8_t *b) {
  return (uint32_t)b[0] << 24 | (uint32_t)b[1] << 16 |
         (uint32_t)b[2] << 8 | b[3];
}


static bool begins (const uint8_t *a, const uint8_t *from, int bits) {
  int whole = bits / 8, rest = bits % 8;
  if (memcmp(a, from, (size_t)whole) != 0) return false;
  return rest == 0 || (a[whole] ^ from[whole]) >> (8 - rest) == 0;
}


/* ::ffff:a.b.c.d */
static bool is_mapped (const uint8_t *a) {
  static const uint8_t mapped[12] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 255, 255};
  return memcmp(a, mapped, sizeof mapped) == 0;
}


/* the IPv4 address inside, or NULL: ::ffff:a.b.c.d, 64:ff9b::a.b.c.d (NAT64)
** and 2002:ab:cd:: (6to4) */
static const uint8_t *inner4 (const uint8_t *a) {
  static const uint8_t nat64[12] = {0, 0x64, 0xff, 0x9b};
  if (is_mapped(a) || memcmp(a, nat64, 12) == 0) return a + 12;
  return a[0] == 0x20 && a[1] == 0x02 ? a + 2 : NULL;
}


static bool public6 (const uint8_t *a) {
  const uint8_t *inner = inner4(a);
  size_t i;
  if (inner != NULL) return public4(read4(inner));
  if (a[0] >> 5 != 1) return false;
  for (i = 0; i < sizeof special6 / sizeof special6[0]; i++)
    if (begins(a, special6[i].from, special6[i].bits)) return false;
  return true;
}


/* Unique local addresses, fc00::/7, are to IPv6 what those of private4 are to
** IPv4, but fd00:ec2:: is a cloud's metadata server. A connection to
** ::ffff:a.b.c.d goes to a.b.c.d. */
static bool private6 (const uint8_t *a) {
  static const uint8_t metadata[4] = {0xfd, 0x00, 0x0e, 0xc2};
  if (is_mapped(a)) return private_v4(read4(a + 12));
  return (a[0] & 0xfe) == 0xfc && memcmp(a, metadata, sizeof metadata) != 0;
}


/* Copies, because the address may be unaligned. */
bool novita_address_public (const struct sockaddr *address) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  if (address->sa_family == AF_INET) {
    memcpy(&v4, address, sizeof v4);
    return public4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return false;
  memcpy(&v6, address, sizeof v6);
  return public6(v6.sin6_addr.s6_addr);
}


bool novita_address_private (const struct sockaddr *address) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  if (address->sa_family == AF_INET) {
    memcpy(&v4, address, sizeof v4);
    return private_v4(ntohl(v4.sin_addr.s_addr));
  }
  if (address->sa_family != AF_INET6) return false;
  memcpy(&v6, address, sizeof v6);
  return private6(v6.sin6_addr.s6_addr);
}


void novita_address_print (const struct sockaddr *address, char *out,
                           size_t size) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  const void *bytes = &v4.sin_addr;
  if (address->sa_family == AF_INET) memcpy(&v4, address, sizeof v4);
  else {
    memcpy(&v6, address, sizeof v6);
    bytes = &v6.sin6_addr;
  }
  if (inet_ntop(address->sa_family, bytes, out, (socklen_t)size) == NULL)
    snprintf(out, size, "an unknown address");
}


/* RFC 6761, 6762 and 8375, and what ICANN has reserved */
bool novita_address_is_public_name (const char *host) {
  static const char *const own[] = {
    "localhost", "local", "internal", "arpa", "test", "invalid", "lan"
  };
  const char *last = strrchr(host, '.');
  uint8_t bytes[16];
  size_t i;
  if (last == NULL || last[1] == '\0' || read_address(host, bytes) != 0)
    return false;
  for (i = 0; i < sizeof own / sizeof own[0]; i++)
    if (strcmp(last + 1, own[i]) == 0) return false;
  return true;
}


bool novita_address_may_be_public (const char *host) {
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
  memset(&v4, 0, sizeof v4);
  memset(&v6, 0, sizeof v6);
  v4.sin_family = AF_INET;
  v6.sin6_family = AF_INET6;
  if (inet_pton(AF_INET, host, &v4.sin_addr) == 1)
    return novita_address_public((const struct sockaddr *)&v4);
  if (inet_pton(AF_INET6, host, &v6.sin6_addr) == 1)
    return novita_address_public((const struct sockaddr *)&v6);
  return strcmp(host, "localhost") != 0;
}


/* {====== blocks, as in no_proxy ====== */

bool novita_address_in_block (const char *host, const char *block) {
  char from[64];
  uint8_t a[16], b[16];
  const char *slash = strchr(block, '/');
  int n = read_address(host, a), bits = n * 8;
  if (n == 0) return false;
  if (slash != NULL && slash[1] != '\0' &&
      slash[1 + strspn(slash + 1, "0123456789")] == '\0')
    bits = atoi(slash + 1);
  else if (slash != NULL) return false;
  snprintf(from, sizeof from, "%.*s",
           slash != NULL ? (int)(slash - block) : (int)strlen(block), block);
  return read_address(from, b) == n && bits >= 0 && bits <= n * 8 &&
         begins(a, b, bits);
}

/* }====== */
