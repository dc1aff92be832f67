/*
** address.h: addresses that a response must not lead us to. A compromised
** service, or a machine in between, could put hosts of the user's own network
** into its links, to make us send data there or fetch data from there.
*/
#ifndef novita_http_address_h
#define novita_http_address_h

#include <stdbool.h>
#include <sys/socket.h>

#include "../base/func.h"

/* a unicast address of the public internet: not loopback, private, link-local,
** shared or reserved, and not an IPv6 address that maps to such an address */
NOVITA_FUNC bool novita_address_public (const struct sockaddr *address);

/* the same for a host that is written as an address; true for names */
NOVITA_FUNC bool novita_address_may_be_public (const char *host);

/* whether a host is written as an address, and is in a block like "10.0.0.0/8"
** or "fd00::/8", or is equal to a block without a length */
NOVITA_FUNC bool novita_address_in_block (const char *host, const char *block);

#endif
