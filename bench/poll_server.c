/*
** poll_server.c: a task endpoint that is so fast that a benchmark measures the
** client. One thread, one epoll, HTTP/1.1 with kept connections.
**
**   poll_server [polls [seconds]]
**
** GET /v3/training/subject?task_id=<id>   the documented response; the task is
**                                         SERVING from poll 'polls' on (3)
** GET /stats                              the counters below, as JSON
**
** Prints its port, then its process id, then (when it ends) the counters. It
** listens on 127.0.0.1 only and ends after 'seconds' (300), on SIGTERM, or when
** its parent has ended. It disconnects a client that does not read responses,
** or that sends more than 4 kB of headers or any body: it is not a web server.
*/
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define ID_MAX 63             /* longest accepted task id */
#define SLOTS (1u << 18)      /* slots of the task table, a power of two */
#define TASKS_MAX (SLOTS / 2)
#define HEAD_MAX 4096
#define BODY_MAX 512
#define TICK_MS 200           /* how often the end conditions are checked */

struct task {
  char id[ID_MAX + 1];        /* empty = free slot */
  uint32_t polls;
};

struct conn {
  int fd;
  size_t len;                 /* unhandled bytes in 'in' */
  char in[HEAD_MAX];
};

struct server {
  int listener, epoll;
  uint32_t polls;             /* a task is serving from this poll on */
  double deadline;
  pid_t parent;
  struct task *table;
  unsigned long requests, tasks, served, open, open_max, accepted;
};

static volatile sig_atomic_t stop;

static void on_signal (int sig) {
  (void)sig;
  stop = 1;
}

static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

static double cpu_seconds (void) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  return (double)(u.ru_utime.tv_sec + u.ru_stime.tv_sec) +
         (double)(u.ru_utime.tv_usec + u.ru_stime.tv_usec) / 1e6;
}

static void die (const char *what) {
  fprintf(stderr, "poll_server: %s: %s\n", what, strerror(errno));
  exit(1);
}

/* FNV-1a */
static uint32_t hash (const char *s, size_t n) {
  uint32_t h = 2166136261u;
  while (n-- > 0)
    h = (h ^ (unsigned char)*s++) * 16777619u;
  return h;
}

/* the task of that name, made when new; NULL when the table is full */
static struct task *task_find (struct server *s, const char *id, size_t n) {
  uint32_t at = hash(id, n) & (SLOTS - 1);
  while (s->table[at].id[0] != '\0') {
    struct task *t = &s->table[at];
    if (strlen(t->id) == n && memcmp(t->id, id, n) == 0) return t;
    at = (at + 1) & (SLOTS - 1);
  }
  if (s->tasks >= TASKS_MAX) return NULL;
  s->tasks++;
  memcpy(s->table[at].id, id, n);
  return &s->table[at];
}

static int body_stats (const struct server *s, char *out, size_t size) {
  return snprintf(out, size,
                  "{\"requests\":%lu,\"tasks\":%lu,\"served\":%lu,"
                  "\"connections\":%lu,\"connections_max\":%lu,"
                  "\"cpu_s\":%.3f}",
                  s->requests, s->tasks, s->served, s->accepted, s->open_max,
                  cpu_seconds());
}

static int body_running (const struct server *s, const struct task *t,
                         char *out, size_t size) {
  unsigned left = s->polls - t->polls;
  int deploying = left == 1 && s->polls > 3;
  const char *status = deploying ? "SUCCESS"
                       : t->polls == 1 ? "QUEUING" : "TRAINING";
  const char *models = deploying
    ? "{\"model_name\":\"model_1698904832_F2BB461625.safetensors\","
      "\"model_status\":\"DEPLOYING\"}" : "";
  return snprintf(out, size,
                  "{\"task_id\":\"%s\",\"task_status\":\"%s\","
                  "\"model_type\":\"lora\",\"models\":[%s],"
                  "\"extra\":{\"eta_relative\":%u,\"progress_percent\":%u}}",
                  t->id, status, models, left * 30,
                  deploying ? 100 : 100 * (t->polls - 1) / s->polls);
}

static int body_serving (const struct task *t, char *out, size_t size) {
  return snprintf(out, size,
                  "{\"task_id\":\"%s\",\"task_status\":\"SUCCESS\","
                  "\"model_type\":\"lora\",\"models\":[{\"model_name\":"
                  "\"model_1698904832_F2BB461625.safetensors\","
                  "\"model_status\":\"SERVING\"}],"
                  "\"extra\":{\"eta_relative\":0,\"progress_percent\":100}}",
                  t->id);
}

static int body_error (int status, const char *reason, char *out,
                       size_t size) {
  return snprintf(out, size,
                  "{\"code\":%d,\"reason\":\"%s\",\"message\":\"%s\","
                  "\"metadata\":{}}", status, reason, reason);
}

/* fills 'out' and returns the HTTP status */
static int respond_task (struct server *s, const char *id, char *out) {
  size_t n = strcspn(id, " &\"\\");
  struct task *t = n > 0 && n <= ID_MAX ? task_find(s, id, n) : NULL;
  if (t == NULL) {
    body_error(400, "VALIDATOR", out, BODY_MAX);
    return 400;
  }
  s->requests++;
  if (++t->polls == s->polls) s->served++;
  if (t->polls < s->polls)
    body_running(s, t, out, BODY_MAX);
  else
    body_serving(t, out, BODY_MAX);
  return 200;
}

static int respond_body (struct server *s, const char *head, char *out) {
  static const char task[] = "GET /v3/training/subject?task_id=";
  static const char stats[] = "GET /stats ";
  if (strncmp(head, task, sizeof task - 1) == 0)
    return respond_task(s, head + sizeof task - 1, out);
  if (strncmp(head, stats, sizeof stats - 1) == 0) {
    body_stats(s, out, BODY_MAX);
    return 200;
  }
  body_error(404, "NOT_FOUND", out, BODY_MAX);
  return 404;
}

/* Handles one request, whose headers end with a NUL in place of the last byte.
** -1 if the peer does not accept the response in one piece. */
static int respond (struct server *s, struct conn *c, const char *head) {
  char body[BODY_MAX], out[BODY_MAX + 256];
  int status = respond_body(s, head, body);
  int n = snprintf(out, sizeof out,
                   "HTTP/1.1 %d %s\r\nContent-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   status, status == 200 ? "OK" : "Error", strlen(body), body);
  return send(c->fd, out, (size_t)n, MSG_NOSIGNAL) == n ? 0 : -1;
}

static int respond_all (struct server *s, struct conn *c) {
  char *start = c->in, *end = c->in + c->len, *stopper;
  while ((stopper = memmem(start, (size_t)(end - start), "\r\n\r\n", 4))) {
    stopper[3] = '\0';
    if (respond(s, c, start) != 0) return -1;
    start = stopper + 4;
  }
  c->len = (size_t)(end - start);
  memmove(c->in, start, c->len);
  return c->len < sizeof c->in ? 0 : -1;
}

static void conn_close (struct server *s, struct conn *c) {
  close(c->fd);
  free(c);
  s->open--;
}

static void conn_read (struct server *s, struct conn *c) {
  ssize_t n = recv(c->fd, c->in + c->len, sizeof c->in - c->len, 0);
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (n > 0) c->len += (size_t)n;
  if (n <= 0 || respond_all(s, c) != 0) conn_close(s, c);
}

static void conn_accept (struct server *s) {
  int one = 1;
  int fd = accept4(s->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
  struct conn *c = fd >= 0 ? malloc(sizeof *c) : NULL;
  struct epoll_event ev = {.events = EPOLLIN, .data.ptr = c};
  if (c == NULL) {
    if (fd >= 0) close(fd);
    return;
  }
  c->fd = fd;
  c->len = 0;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  s->accepted++;
  if (++s->open > s->open_max) s->open_max = s->open;
  if (epoll_ctl(s->epoll, EPOLL_CTL_ADD, fd, &ev) != 0) conn_close(s, c);
}

/* returns the port */
static int server_open (struct server *s) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  socklen_t n = sizeof a;
  struct epoll_event ev = {.events = EPOLLIN, .data.ptr = NULL};
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  s->table = calloc(SLOTS, sizeof *s->table);
  s->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  s->epoll = epoll_create1(EPOLL_CLOEXEC);
  if (s->table == NULL || s->listener < 0 || s->epoll < 0 ||
      bind(s->listener, (struct sockaddr *)&a, n) != 0 ||
      listen(s->listener, 1024) != 0 ||
      getsockname(s->listener, (struct sockaddr *)&a, &n) != 0 ||
      epoll_ctl(s->epoll, EPOLL_CTL_ADD, s->listener, &ev) != 0)
    die("cannot listen on 127.0.0.1");
  return ntohs(a.sin_port);
}

/* connections that are still open end with the process */
static void server_close (struct server *s) {
  close(s->listener);
  close(s->epoll);
  free(s->table);
}

static int server_over (const struct server *s) {
  return stop || now() >= s->deadline || getppid() != s->parent;
}

static void server_run (struct server *s) {
  struct epoll_event ev[64];
  double next_look = 0;
  for (;;) {
    int i, n = epoll_wait(s->epoll, ev, 64, TICK_MS);
    for (i = 0; i < n; i++) {
      if (ev[i].data.ptr == NULL)
        conn_accept(s);
      else
        conn_read(s, ev[i].data.ptr);
    }
    if (stop) return;
    if (now() >= next_look) {
      if (server_over(s)) return;
      next_look = now() + TICK_MS / 1000.0;
    }
  }
}

int main (int argc, char **argv) {
  struct server s = {.parent = getppid()};
  struct sigaction act = {.sa_handler = on_signal};
  char stats[BODY_MAX];
  long polls = argc > 1 ? atol(argv[1]) : 3;
  double seconds = argc > 2 ? atof(argv[2]) : 300;
  if (polls < 1 || polls > 1000000 || seconds <= 0 || seconds > 3600) {
    fprintf(stderr,
            "usage: poll_server [polls 1..1000000 [seconds 1..3600]]\n");
    return 1;
  }
  s.polls = (uint32_t)polls;
  s.deadline = now() + seconds;
  sigaction(SIGTERM, &act, NULL);
  sigaction(SIGINT, &act, NULL);
  printf("%d\n", server_open(&s));
  printf("%ld\n", (long)getpid());
  fflush(stdout);
  server_run(&s);
  body_stats(&s, stats, sizeof stats);
  printf("%s\n", stats);
  fflush(stdout);
  server_close(&s);
  return 0;
}
