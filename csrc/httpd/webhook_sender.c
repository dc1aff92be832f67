/*
** webhook_sender.c: see webhook_sender.h. The rules have a control named
** "next_webhook". Its argument is the result of the last delivery:
** "<id> <status>" (0 = no response), or "" if there was none. It returns the
** next one: "<id> <port> <timeout>\n<the whole HTTP request>", or "" if none
** is due.
*/
#define _GNU_SOURCE

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "webhook_sender.h"

#define PAUSE_MS 20           /* between two calls of the control */
#define SLICE_MS 50           /* of a wait: the longest delay of a stop */

struct delivery {
  int id, port;
  double until;              /* time of novita_suspend_now */
  const char *request;       /* part of the control's result */
  size_t len;
};


static int is_closed (struct novita_webhook_sender *c) {
  int closed;
  pthread_mutex_lock(&c->lock);
  closed = c->closed;
  pthread_mutex_unlock(&c->lock);
  return closed;
}


static void pause_sender (struct novita_webhook_sender *c) {
  struct timespec t;
  clock_gettime(CLOCK_REALTIME, &t);
  t.tv_nsec += PAUSE_MS * 1000000L;
  if (t.tv_nsec >= 1000000000L) {
    t.tv_nsec -= 1000000000L;
    t.tv_sec++;
  }
  pthread_mutex_lock(&c->lock);
  if (!c->closed) pthread_cond_timedwait(&c->changed, &c->lock, &t);
  pthread_mutex_unlock(&c->lock);
}


/* 0 when 'fd' is ready; -1 at 'until' or when the sender is closed */
static int wait_for (struct novita_webhook_sender *c, int fd, short events,
                     double until) {
  struct pollfd p = {fd, events, 0};
  while (!is_closed(c) && novita_suspend_now() < until) {
    int r = poll(&p, 1, SLICE_MS);
    if (r > 0) return 0;
    if (r < 0 && errno != EINTR) return -1;
  }
  return -1;
}


static int connect_to (int port) {
  struct sockaddr_in address;
  int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) return -1;
  fcntl(fd, F_SETFD, FD_CLOEXEC);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  memset(&address, 0, sizeof address);
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons((uint16_t)port);
  if (connect(fd, (struct sockaddr *)&address, sizeof address) == 0 ||
      errno == EINPROGRESS)
    return fd;
  close(fd);
  return -1;
}


static int send_all (struct novita_webhook_sender *c, int fd,
                     const struct delivery *d) {
  size_t done = 0;
  while (done < d->len) {
    ssize_t n;
    if (wait_for(c, fd, POLLOUT, d->until) != 0) return -1;
    n = send(fd, d->request + done, d->len - done, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return -1;
    if (n > 0) done += (size_t)n;
  }
  return 0;
}


/* The status from the first line of the response; the rest is ignored. */
static int read_status (struct novita_webhook_sender *c, int fd,
                        const struct delivery *d) {
  char line[32];
  size_t have = 0;
  int status;
  while (have < 12) {  /* "HTTP/1.1 200" */
    ssize_t n;
    if (wait_for(c, fd, POLLIN, d->until) != 0) return 0;
    n = recv(fd, line + have, sizeof line - 1 - have, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return 0;
    if (n > 0) have += (size_t)n;
  }
  line[have] = '\0';
  return sscanf(line, "HTTP/%*d.%*d %3d", &status) == 1 ? status : 0;
}


static int deliver (struct novita_webhook_sender *c, const struct delivery *d) {
  int status = 0, fd = connect_to(d->port);
  if (fd < 0) return 0;
  if (send_all(c, fd, d) == 0) status = read_status(c, fd, d);
  close(fd);
  return status;
}


static int parse_delivery (const char *text, size_t len, struct delivery *d) {
  long milliseconds;  /* an integer: a fraction depends on the locale */
  const char *newline = memchr(text, '\n', len);
  if (newline == NULL ||
      sscanf(text, "%d %d %ld", &d->id, &d->port, &milliseconds) != 3)
    return -1;
  d->until = novita_suspend_now() + (double)milliseconds / 1000;
  d->request = newline + 1;
  d->len = len - (size_t)(d->request - text);
  return 0;
}


static void *run (void *arg) {
  struct novita_webhook_sender *c = arg;
  char report[32] = "";
  while (!is_closed(c)) {
    struct delivery d;
    size_t len;
    bool done;
    char *text = novita_rules_control(c->rules, "next_webhook", report,
                                      strlen(report), &len, &done);
    report[0] = '\0';
    if (done && parse_delivery(text, len, &d) == 0)
      snprintf(report, sizeof report, "%d %d", d.id, deliver(c, &d));
    else pause_sender(c);
    free(text);
  }
  return NULL;
}


int novita_webhook_sender_open (struct novita_webhook_sender *sender,
                                struct novita_rules *rules) {
  sender->rules = rules;
  sender->closed = 0;
  pthread_mutex_init(&sender->lock, NULL);
  pthread_cond_init(&sender->changed, NULL);
  return pthread_create(&sender->thread, NULL, run, sender);
}


void novita_webhook_sender_close (struct novita_webhook_sender *sender) {
  pthread_mutex_lock(&sender->lock);
  sender->closed = 1;
  pthread_cond_signal(&sender->changed);
  pthread_mutex_unlock(&sender->lock);
  pthread_join(sender->thread, NULL);
}
