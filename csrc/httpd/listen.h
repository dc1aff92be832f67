/*
** listen.h: a listening TCP socket.
*/
#ifndef novita_httpd_listen_h
#define novita_httpd_listen_h

#include <stdbool.h>

#include "../base/func.h"

/* whether the text is a number, such as "127.0.0.1" or "::1" */
NOVITA_FUNC bool novita_listen_is_address (const char *text);

/* 'port' 0 takes a free one. -1: errno says why; EINVAL: 'address' is not a
** number */
NOVITA_FUNC int novita_listen_open (const char *address, int port);

/* the port of a listening socket, -1 if it has none */
NOVITA_FUNC int novita_listen_port (int fd);

/* whether only this machine can reach the address */
NOVITA_FUNC bool novita_listen_is_loopback (const char *address);

#endif
