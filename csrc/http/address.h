/*
** address.h: addresses that a server's answer must not lead us to. A service
** that was taken over, or a machine in between, could name hosts of the user's
** own network in its links; what we would send there or fetch from there is
** none of its business.
*/
#ifndef novita_http_address_h
#define novita_http_address_h

#include <stdbool.h>
#include <sys/socket.h>

#include "../base/func.h"

/* a unicast address of the public internet: not loopback, private, link-local,
** shared, reserved, and no IPv6 address that stands for such a one */
NOVITA_FUNC bool novita_address_public (const struct sockaddr *address);

/* the same for a host that is written as an address; a name is none yet */
NOVITA_FUNC bool novita_address_may_be_public (const char *host);

/* Is this where the environment's proxy listens? Then it, and not we, connects
** to the host, and it may well have a private address itself. */
NOVITA_FUNC bool novita_address_is_proxy (const struct sockaddr *address);

#endif
