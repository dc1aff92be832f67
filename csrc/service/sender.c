/*
** sender.c: see sender.h
*/
#define _GNU_SOURCE 1

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "sender.h"

#define SLICE_MS 50           /* of a wait: the longest delay of a close */


/* {====== one delivery ====== */

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}


static int is_closed (struct novita_sender *c) {
  int closed;
  pthread_mutex_lock(&c->lock);
  closed = c->closed;
  pthread_mutex_unlock(&c->lock);
  return closed;
}


/* 0 when 'fd' is ready; -1 at 'until' or when the sender is closed */
static int wait_for (struct novita_sender *c, int fd, short events,
                     double until) {
  struct pollfd p = {fd, events, 0};
  while (!is_closed(c) && now() < until) {
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


static int send_all (struct novita_sender *c, int fd,
                     const struct novita_delivery *d, double until) {
  size_t done = 0;
  while (done < d->len) {
    ssize_t n;
    if (wait_for(c, fd, POLLOUT, until) != 0) return -1;
    n = send(fd, d->request + done, d->len - done, MSG_NOSIGNAL);
    if (n < 0 && errno != EAGAIN && errno != EINTR) return -1;
    if (n > 0) done += (size_t)n;
  }
  return 0;
}


/* The status from the first line of the response; the rest is ignored. */
static int read_status (struct novita_sender *c, int fd, double until) {
  char line[32];
  size_t have = 0;
  int status;
  while (have < 12) {  /* "HTTP/1.1 200" */
    ssize_t n;
    if (wait_for(c, fd, POLLIN, until) != 0) return 0;
    n = recv(fd, line + have, sizeof line - 1 - have, 0);
    if (n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR)) return 0;
    if (n > 0) have += (size_t)n;
  }
  line[have] = '\0';
  return sscanf(line, "HTTP/%*d.%*d %3d", &status) == 1 ? status : 0;
}


static int deliver (struct novita_sender *c, const struct novita_delivery *d) {
  double until = now() + d->seconds;
  int status = 0, fd = connect_to(d->port);
  if (fd < 0) return 0;
  if (send_all(c, fd, d, until) == 0) status = read_status(c, fd, until);
  close(fd);
  return status;
}

/* }====== */


/* {====== the two lists ====== */

static void empty (struct novita_delivery_list *list) {
  list->first = NULL;
  list->last = &list->first;
}


static void append (struct novita_delivery_list *list,
                    struct novita_delivery *d) {
  d->next = NULL;
  *list->last = d;
  list->last = &d->next;
}


static struct novita_delivery *take_first (struct novita_delivery_list *list) {
  struct novita_delivery *d = list->first;
  if (d == NULL) return NULL;
  list->first = d->next;
  if (list->first == NULL) list->last = &list->first;
  return d;
}


static void free_all (struct novita_delivery_list *list) {
  struct novita_delivery *d;
  while ((d = take_first(list)) != NULL) free(d);
}

/* }====== */


static void *run (void *arg) {
  struct novita_sender *c = arg;
  pthread_mutex_lock(&c->lock);
  while (!c->closed) {
    struct novita_delivery *d = take_first(&c->waiting);
    if (d == NULL) {
      pthread_cond_wait(&c->changed, &c->lock);
      continue;
    }
    pthread_mutex_unlock(&c->lock);
    d->status = deliver(c, d);
    pthread_mutex_lock(&c->lock);
    append(&c->done, d);
  }
  pthread_mutex_unlock(&c->lock);
  return NULL;
}


/* The thread blocks all signals, so that the program gets them. */
static int start_thread (struct novita_sender *sender) {
  sigset_t all, before;
  int r;
  sigfillset(&all);
  pthread_sigmask(SIG_SETMASK, &all, &before);
  r = pthread_create(&sender->thread, NULL, run, sender);
  pthread_sigmask(SIG_SETMASK, &before, NULL);
  return r;
}


int novita_sender_open (struct novita_sender *sender) {
  int r;
  empty(&sender->waiting);
  empty(&sender->done);
  sender->closed = 0;
  pthread_mutex_init(&sender->lock, NULL);
  pthread_cond_init(&sender->changed, NULL);
  r = start_thread(sender);
  if (r == 0) sender->pid = getpid();
  return r;
}


void novita_sender_close (struct novita_sender *sender) {
  if (sender->pid != getpid()) return;  /* not open, or of the parent process */
  sender->pid = 0;
  pthread_mutex_lock(&sender->lock);
  sender->closed = 1;
  pthread_cond_signal(&sender->changed);
  pthread_mutex_unlock(&sender->lock);
  pthread_join(sender->thread, NULL);
  free_all(&sender->waiting);
  free_all(&sender->done);
}


int novita_sender_add (struct novita_sender *sender, int number, int port,
                       double seconds, const char *request, size_t len) {
  struct novita_delivery *d = malloc(sizeof *d + len);
  if (d == NULL) return -1;
  d->number = number;
  d->port = port;
  d->seconds = seconds;
  d->status = 0;
  d->len = len;
  memcpy(d->request, request, len);
  pthread_mutex_lock(&sender->lock);
  append(&sender->waiting, d);
  pthread_cond_signal(&sender->changed);
  pthread_mutex_unlock(&sender->lock);
  return 0;
}


struct novita_delivery *novita_sender_take (struct novita_sender *sender) {
  struct novita_delivery *d;
  pthread_mutex_lock(&sender->lock);
  d = take_first(&sender->done);
  pthread_mutex_unlock(&sender->lock);
  return d;
}
