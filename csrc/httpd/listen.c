/*
** listen.c: see listen.h
*/
#define _GNU_SOURCE 1

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"

#define BACKLOG 1024

union address {
  struct sockaddr any;
  struct sockaddr_in v4;
  struct sockaddr_in6 v6;
};


/* the size of the address, 0 if the text is not one */
static socklen_t parse (const char *text, int port, union address *address) {
  memset(address, 0, sizeof *address);
  if (inet_pton(AF_INET, text, &address->v4.sin_addr) == 1) {
    address->v4.sin_family = AF_INET;
    address->v4.sin_port = htons((uint16_t)port);
    return sizeof address->v4;
  }
  if (inet_pton(AF_INET6, text, &address->v6.sin6_addr) == 1) {
    address->v6.sin6_family = AF_INET6;
    address->v6.sin6_port = htons((uint16_t)port);
    return sizeof address->v6;
  }
  return 0;
}


bool novita_listen_is_address (const char *text) {
  union address address;
  return parse(text, 0, &address) != 0;
}


static int bind_to (int fd, const union address *address, socklen_t size) {
  int yes = 1;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  if (bind(fd, &address->any, size) != 0) return -1;
  return listen(fd, BACKLOG);
}


int novita_listen_open (const char *text, int port) {
  union address address;
  int fd, saved;
  socklen_t size = parse(text, port, &address);
  if (size == 0) {
    errno = EINVAL;
    return -1;
  }
  fd = socket(address.any.sa_family, SOCK_STREAM, 0);
  if (fd < 0 || bind_to(fd, &address, size) == 0) return fd;
  saved = errno;
  close(fd);
  errno = saved;
  return -1;
}


int novita_listen_port (int fd) {
  union address address;
  socklen_t size = sizeof address;
  memset(&address, 0, sizeof address);
  if (getsockname(fd, &address.any, &size) != 0) return -1;
  return ntohs(address.any.sa_family == AF_INET6 ? address.v6.sin6_port
                                                 : address.v4.sin_port);
}


bool novita_listen_is_loopback (const char *text) {
  union address address;
  socklen_t size = parse(text, 0, &address);
  if (size == sizeof address.v4)
    return ntohl(address.v4.sin_addr.s_addr) >> 24 == 127;
  return size != 0 && IN6_IS_ADDR_LOOPBACK(&address.v6.sin6_addr);
}
