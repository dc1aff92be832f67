/*
** address.h: addresses that a response must not lead us to. A compromised
** service, or a machine in between, could put hosts of the user's own network
** into its links, to make us send data there or fetch data from there.
*/
#ifndef novita_http_origin_address_h
#define novita_http_origin_address_h

#include <stdbool.h>
#include <stddef.h>
#include <sys/socket.h>

#include "../../base/func.h"

/* a unicast address of the public internet: not loopback, private, link-local,
** shared or reserved, and not an IPv6 address that maps to such an address */
NOVITA_FUNC bool novita_address_public (const struct sockaddr *address);

/* An address of a private network, where a public name may lead: 10/8,
** 172.16/12, 192.168/16, 100.64/10, 198.18/15, fc00::/7. Such a host proves
** with its certificate that it is meant. */
NOVITA_FUNC bool novita_address_private (const struct sockaddr *address);

/* a name of the public internet: not an address, not a name without a dot, and
** not below a domain that is reserved for private networks, like "local" */
NOVITA_FUNC bool novita_address_is_public_name (const char *host);

/* the text of an address, for a message */
NOVITA_FUNC void novita_address_print (const struct sockaddr *address,
                                       char *out, size_t size);

/* novita_address_public for a host that is written as an address; true for
** names */
NOVITA_FUNC bool novita_address_may_be_public (const char *host);

/* whether a host is written as an address, and is in a block like "10.0.0.0/8"
** or "fd00::/8", or is equal to a block without a length */
NOVITA_FUNC bool novita_address_in_block (const char *host, const char *block);

#endif
