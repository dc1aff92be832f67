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

/* whether the environment's proxy listens at this address: the proxy connects
** to the host for us, and may have a private address itself */
NOVITA_FUNC bool novita_address_is_proxy (const struct sockaddr *address);

#endif
