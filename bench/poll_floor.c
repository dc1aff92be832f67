/*
** poll_floor.c: the cost of polling with nothing but libcurl: a plain loop over
** the task ids, 16 reused easy handles on the multi interface with epoll, and a
** search for "SERVING" instead of a JSON reader.
**
**   poll_floor <port> [tasks [connections]]
**
** The task ids are those of bench/poll.lua. Every handle first polls its own
** task to the end, so that connecting is not counted. Prints
**   bench poll floor_cpu_us_per_poll <user + system time of this process>
**   bench poll floor_bytes_per_task  <peak RSS minus RSS before the tasks>
**   bench poll floor_peak_rss_mb
**   bench poll floor_polls_per_s
** Gives up (exit status 1) on any error and after 120 seconds.
*/
#define _GNU_SOURCE
#include <curl/curl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#define BODY_MAX 4096
#define SLOTS_MAX 256
#define SECONDS_MAX 300

struct task {
  char id[37];           /* a UUID */
  unsigned char state;   /* enum below */
};

enum { WAITING, POLLED, SERVING };

struct slot {            /* one easy handle and its connection */
  CURL *easy;
  struct task *task;     /* being polled; NULL = idle */
  size_t len;
  char body[BODY_MAX];
};

struct floor {
  CURLM *multi;
  struct curl_slist *headers;
  int epoll, port;
  long timeout_ms;       /* what libcurl asked for; -1 = nothing */
  struct task *task;
  size_t tasks, serving, cursor;
  struct slot *slot;
  size_t slots;
  unsigned long polls;
};

static void die (const char *what) {
  fprintf(stderr, "poll_floor: %s\n", what);
  exit(1);
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

/* "VmRSS:" or "VmHWM:" of this process, in bytes */
static double memory (const char *name) {
  char line[256];
  double kb = 0;
  FILE *f = fopen("/proc/self/status", "r");
  if (f == NULL) return 0;
  while (fgets(line, sizeof line, f) != NULL)
    if (strncmp(line, name, strlen(name)) == 0)
      kb = strtod(line + strlen(name), NULL);
  fclose(f);
  return kb * 1024;
}

static size_t on_body (char *data, size_t one, size_t n, void *user) {
  struct slot *s = user;
  (void)one;
  if (n > sizeof s->body - s->len) return 0;
  memcpy(s->body + s->len, data, n);
  s->len += n;
  return n;
}

static int on_timer (CURLM *multi, long ms, void *user) {
  (void)multi;
  ((struct floor *)user)->timeout_ms = ms;
  return 0;
}

static int on_socket (CURL *easy, curl_socket_t fd, int what, void *user,
                      void *known) {
  struct floor *f = user;
  struct epoll_event ev = {.data.fd = fd};
  (void)easy;
  if (what == CURL_POLL_REMOVE) {
    epoll_ctl(f->epoll, EPOLL_CTL_DEL, fd, NULL);
    return 0;
  }
  if (what & CURL_POLL_IN) ev.events |= EPOLLIN;
  if (what & CURL_POLL_OUT) ev.events |= EPOLLOUT;
  epoll_ctl(f->epoll, known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD, fd, &ev);
  if (known == NULL) curl_multi_assign(f->multi, fd, f);
  return 0;
}

/* the next task that is neither asked about nor serving, round and round */
static struct task *next_task (struct floor *f) {
  size_t tried;
  for (tried = 0; tried < f->tasks; tried++) {
    struct task *t = &f->task[f->cursor];
    f->cursor = (f->cursor + 1) % f->tasks;
    if (t->state == WAITING) return t;
  }
  return NULL;
}

static void ask (struct floor *f, struct slot *s) {
  char url[128];
  s->task = next_task(f);
  if (s->task == NULL) return;
  s->task->state = POLLED;
  s->len = 0;
  snprintf(url, sizeof url,
           "http://127.0.0.1:%d/v3/training/subject?task_id=%s", f->port,
           s->task->id);
  curl_easy_setopt(s->easy, CURLOPT_URL, url);
  if (curl_multi_add_handle(f->multi, s->easy) != CURLM_OK)
    die("curl_multi_add_handle failed");
}

static void finish (struct floor *f, CURLMsg *m) {
  struct slot *s;
  curl_easy_getinfo(m->easy_handle, CURLINFO_PRIVATE, &s);
  if (m->data.result != CURLE_OK) die(curl_easy_strerror(m->data.result));
  curl_multi_remove_handle(f->multi, s->easy);
  f->polls++;
  if (memmem(s->body, s->len, "\"SERVING\"", 9) != NULL) {
    s->task->state = SERVING;
    f->serving++;
  } else
    s->task->state = WAITING;
  s->task = NULL;
}

static void drain (struct floor *f) {
  CURLMsg *m;
  int left;
  size_t i;
  while ((m = curl_multi_info_read(f->multi, &left)) != NULL)
    if (m->msg == CURLMSG_DONE) finish(f, m);
  for (i = 0; i < f->slots; i++)
    if (f->slot[i].task == NULL) ask(f, &f->slot[i]);
}

static void act (struct floor *f, const struct epoll_event *ev) {
  int running, mask = 0;
  if (ev->events & EPOLLIN) mask |= CURL_CSELECT_IN;
  if (ev->events & EPOLLOUT) mask |= CURL_CSELECT_OUT;
  if (ev->events & (EPOLLERR | EPOLLHUP)) mask |= CURL_CSELECT_ERR;
  curl_multi_socket_action(f->multi, ev->data.fd, mask, &running);
}

static void run (struct floor *f) {
  struct epoll_event ev[64];
  int i, n, running;
  drain(f);
  while (f->serving < f->tasks) {
    bool far = f->timeout_ms < 0 || f->timeout_ms > 1000;
    int wait = far ? 1000 : (int)f->timeout_ms;
    n = epoll_wait(f->epoll, ev, 64, wait);
    for (i = 0; i < n; i++) act(f, &ev[i]);
    if (n == 0) {
      f->timeout_ms = -1;
      curl_multi_socket_action(f->multi, CURL_SOCKET_TIMEOUT, 0, &running);
    }
    drain(f);
  }
}

static void tasks_make (struct floor *f, size_t n, unsigned first) {
  size_t i;
  f->task = calloc(n, sizeof *f->task);
  if (f->task == NULL) die("out of memory");
  for (i = 0; i < n; i++)
    snprintf(f->task[i].id, sizeof f->task[i].id,
             "00000000-0000-4000-8000-%012u", first + (unsigned)i);
  f->tasks = n;
  f->serving = f->cursor = 0;
  f->polls = 0;
}

static void slot_open (struct floor *f, struct slot *s) {
  s->easy = curl_easy_init();
  if (s->easy == NULL) die("curl_easy_init failed");
  curl_easy_setopt(s->easy, CURLOPT_PRIVATE, s);
  curl_easy_setopt(s->easy, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(s->easy, CURLOPT_WRITEDATA, s);
  curl_easy_setopt(s->easy, CURLOPT_HTTPHEADER, f->headers);
  curl_easy_setopt(s->easy, CURLOPT_USERAGENT, "poll-floor");
  curl_easy_setopt(s->easy, CURLOPT_PROXY, "");
  curl_easy_setopt(s->easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(s->easy, CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1);
}

static void floor_open (struct floor *f) {
  size_t i;
  f->multi = curl_multi_init();
  f->epoll = epoll_create1(EPOLL_CLOEXEC);
  f->slot = calloc(f->slots, sizeof *f->slot);
  f->timeout_ms = -1;
  if (f->multi == NULL || f->epoll < 0 || f->slot == NULL) die("cannot start");
  f->headers = curl_slist_append(f->headers, "Authorization: Bearer sk_bench");
  f->headers = curl_slist_append(f->headers, "Accept: application/json");
  curl_multi_setopt(f->multi, CURLMOPT_SOCKETFUNCTION, on_socket);
  curl_multi_setopt(f->multi, CURLMOPT_SOCKETDATA, f);
  curl_multi_setopt(f->multi, CURLMOPT_TIMERFUNCTION, on_timer);
  curl_multi_setopt(f->multi, CURLMOPT_TIMERDATA, f);
  curl_multi_setopt(f->multi, CURLMOPT_MAXCONNECTS, (long)f->slots);
  for (i = 0; i < f->slots; i++) slot_open(f, &f->slot[i]);
}

static void floor_close (struct floor *f) {
  size_t i;
  for (i = 0; i < f->slots; i++) curl_easy_cleanup(f->slot[i].easy);
  curl_multi_cleanup(f->multi);
  curl_slist_free_all(f->headers);
  close(f->epoll);
  free(f->slot);
  free(f->task);
}

static void report (const struct floor *f, double cpu, double wall,
                    double before) {
  double peak = memory("VmHWM:");
  printf("bench poll floor_cpu_us_per_poll %.2f\n",
         cpu * 1e6 / (double)f->polls);
  printf("bench poll floor_bytes_per_task %.0f\n",
         (peak - before) / (double)f->tasks);
  printf("bench poll floor_peak_rss_mb %.1f\n", peak / 1e6);
  printf("bench poll floor_polls_per_s %.0f\n", (double)f->polls / wall);
}

int main (int argc, char **argv) {
  struct floor f = {0};
  long tasks = argc > 2 ? atol(argv[2]) : 10000;
  long slots = argc > 3 ? atol(argv[3]) : 16;
  double cpu, wall, before;
  f.port = argc > 1 ? atoi(argv[1]) : 0;
  if (f.port <= 0 || tasks < 1 || tasks > 100000 || slots < 1 ||
      slots > SLOTS_MAX) {
    fprintf(stderr, "usage: poll_floor <port> [tasks [connections]]\n");
    return 1;
  }
  alarm(SECONDS_MAX);
  curl_global_init(CURL_GLOBAL_DEFAULT);
  f.slots = (size_t)slots;
  floor_open(&f);
  tasks_make(&f, f.slots, 900000000u);
  run(&f);
  free(f.task);
  before = memory("VmRSS:");
  wall = now();
  cpu = cpu_seconds();
  tasks_make(&f, (size_t)tasks, 1);
  run(&f);
  report(&f, cpu_seconds() - cpu, now() - wall, before);
  floor_close(&f);
  curl_global_cleanup();
  return 0;
}
