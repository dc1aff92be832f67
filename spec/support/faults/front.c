/*
** front.c: a proxy in front of the emulator that injects faults byte by byte
** where the emulator's own faults cannot: before a request is read, inside a
** header, instead of TLS.
**
**   front UPSTREAM_PORT <orders     one line for each order:
**     KIND TIMES METHOD PREFIX LINKS
**
** Each order gets its own port. The ports are printed in order, after the port
** of the witness and a port without a listener. Requests of METHOD whose target
** begins with PREFIX get the fault TIMES times; all others are passed on. LINKS
** is the new destination of links to the emulator in responses: "self" (here),
** "tls" (here, with https), "dead", "nowhere" (a host that does not exist), or
** scheme, host and port, in which PORT stands for the port of the order.
** The kinds "clock-fast" and "clock-slow" also change the Date of every
** response by two hours.
** A SIGTERM prints a line for the witness and for each order:
**     matching requests, those among them with an Authorization header
**
** A thread for each connection, with calls that block: slow and simple.
*/
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>
#include <zlib.h>

#define MOST_ORDERS 1000
#define LARGE ((size_t)64 << 20)
#define BOMB ((size_t)300 << 20)

struct order {
  char kind[32], method[8], prefix[128], links[64];
  int times;
  int listener, port;
  atomic_int seen, with_key;
};

struct text { char *bytes; size_t len; };

struct connection {            /* one connection and its request */
  struct order *order;
  int fd;
  struct text head, body;    /* head: up to and with the empty line */
};

static struct order orders[MOST_ORDERS];
static struct order witness;
static int order_count, upstream, dead_port;


/* {====== bytes ====== */

static void add (struct text *t, const char *bytes, size_t n) {
  t->bytes = realloc(t->bytes, t->len + n + 1);
  if (t->bytes == NULL) abort();
  memcpy(t->bytes + t->len, bytes, n);
  t->len += n;
  t->bytes[t->len] = '\0';
}


static void clear (struct text *t) {
  free(t->bytes);
  t->bytes = NULL;
  t->len = 0;
}


static int send_all (int fd, const char *bytes, size_t n) {
  while (n > 0) {
    ssize_t sent = send(fd, bytes, n, MSG_NOSIGNAL);
    if (sent <= 0) return -1;
    bytes += sent;
    n -= (size_t)sent;
  }
  return 0;
}


static void replace (struct text *t, const char *from, const char *to) {
  struct text out = {NULL, 0};
  const char *at = t->bytes, *end = t->bytes + t->len, *hit;
  size_t n = strlen(from);
  add(&out, "", 0);
  while (at < end && (hit = memmem(at, (size_t)(end - at), from, n)) != NULL) {
    add(&out, at, (size_t)(hit - at));
    add(&out, to, strlen(to));
    at = hit + n;
  }
  if (at != NULL) add(&out, at, (size_t)(end - at));
  clear(t);
  *t = out;
}


/* the value of a header line in 'head', or NULL */
static const char *header (const struct text *head, const char *name) {
  const char *line = strstr(head->bytes, "\r\n");
  size_t n = strlen(name);
  for (; line != NULL && line[2] != '\r'; line = strstr(line + 2, "\r\n"))
    if (strncasecmp(line + 2, name, n) == 0 && line[2 + n] == ':')
      return line + 3 + n + strspn(line + 3 + n, " ");
  return NULL;
}

/* }====== */


/* {====== requests and the emulator's responses ====== */

/* reads a head, then the body of the length in it; -1: the peer closed */
static int receive (int fd, struct text *head, struct text *body) {
  char piece[65536];
  const char *end = NULL, *length;
  size_t want = 0, have;
  clear(head);
  clear(body);
  while (end == NULL) {
    ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n <= 0) return -1;
    add(head, piece, (size_t)n);
    end = strstr(head->bytes, "\r\n\r\n");
  }
  have = (size_t)(end + 4 - head->bytes);
  add(body, head->bytes + have, head->len - have);
  head->len = have;
  head->bytes[have] = '\0';
  length = header(head, "Content-Length");
  if (length != NULL) want = strtoull(length, NULL, 10);
  while (body->len < want) {
    ssize_t n = recv(fd, piece, sizeof piece, 0);
    if (n <= 0) return -1;
    add(body, piece, (size_t)n);
  }
  return 0;
}


static int connect_upstream (void) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  at.sin_port = htons((uint16_t)upstream);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, (struct sockaddr *)&at, sizeof at) == 0) return fd;
  close(fd);
  return -1;
}


/* removes a line from the head that only the other side may see */
static void drop_line (struct text *head, const char *name) {
  const char *value = header(head, name), *end;
  char *line;
  if (value == NULL) return;
  line = (char *)value;
  while (line[-1] != '\n') line--;
  end = strstr(value, "\r\n") + 2;
  head->len -= (size_t)(end - line);
  memmove(line, end, strlen(end) + 1);
}


static void add_line (struct text *head, const char *format, long value) {
  char line[64];
  head->len -= 2;
  add(head, line, (size_t)snprintf(line, sizeof line, format, value));
  add(head, "\r\n", 2);
}


/* "https://pPORT.x" -> "https:\/\/p1234.x", with these slashes */
static void expand (const struct order *o, const char *slashes, char *to,
                    size_t size) {
  const char *host = strstr(o->links, "//") + 2, *port = strstr(host, "PORT");
  if (port == NULL) snprintf(to, size, "https:%s%s", slashes, host);
  else
    snprintf(to, size, "https:%s%.*s%d%s", slashes, (int)(port - host), host,
             o->port, port + 4);
}


static void turn_links (const struct order *o, struct text *body) {
  char from[64], to[128];
  int escaped;
  for (escaped = 0; escaped < 2; escaped++) {
    const char *slashes = escaped ? "\\/\\/" : "//";
    snprintf(from, sizeof from, "http:%s127.0.0.1:%d", slashes, upstream);
    if (strncmp(o->links, "https://", 8) == 0)
      expand(o, slashes, to, sizeof to);
    else if (strcmp(o->links, "tls") == 0)
      snprintf(to, sizeof to, "https:%s127.0.0.1:%d", slashes, o->port);
    else if (strcmp(o->links, "nowhere") == 0)
      snprintf(to, sizeof to, "https:%s%064d.invalid", slashes, 0);
    else
      snprintf(to, sizeof to, "http:%s127.0.0.1:%d", slashes,
               strcmp(o->links, "dead") == 0 ? dead_port : o->port);
    replace(body, from, to);
  }
}


/* asks the emulator; the response's head has no length yet */
static int pass_on (struct connection *x, struct text *head,
                    struct text *body) {
  int fd = connect_upstream(), r = -1;
  struct text ask = {NULL, 0};
  if (fd < 0) return -1;
  add(&ask, x->head.bytes, x->head.len);
  drop_line(&ask, "Host");
  add_line(&ask, "Host: 127.0.0.1:%ld\r\n", upstream);
  if (send_all(fd, ask.bytes, ask.len) == 0 &&
      send_all(fd, x->body.bytes, x->body.len) == 0)
    r = receive(fd, head, body);
  close(fd);
  clear(&ask);
  if (r != 0) return -1;
  drop_line(head, "Content-Length");
  drop_line(head, "Connection");
  if (header(head, "Content-Type") != NULL &&
      strncmp(header(head, "Content-Type"), "application/json", 16) == 0)
    turn_links(x->order, body);
  return 0;
}

/* }====== */


/* {====== faults: 0 = the connection continues, -1 = it ends ====== */

static int reset (int fd) {
  struct linger hard = {1, 0};
  setsockopt(fd, SOL_SOCKET, SO_LINGER, &hard, sizeof hard);
  return -1;
}


static int respond (int fd, struct text *head, const struct text *body) {
  add_line(head, "Content-Length: %ld\r\n", (long)body->len);
  if (send_all(fd, head->bytes, head->len) != 0) return -1;
  return send_all(fd, body->bytes, body->len);
}


static int say (int fd, const char *status, const char *more,
                const char *body) {
  struct text head = {NULL, 0}, copy = {NULL, 0};
  int r;
  add(&head, "HTTP/1.1 ", 9);
  add(&head, status, strlen(status));
  add(&head, "\r\n", 2);
  add(&head, more, strlen(more));
  add(&head, "\r\n", 2);
  add(&copy, body, strlen(body));
  r = respond(fd, &head, &copy);
  clear(&head);
  clear(&copy);
  return r;
}


/* seconds that the other end's clock is ahead, for an order about clocks */
static long clock_shift (const struct order *o) {
  if (strcmp(o->kind, "clock-fast") == 0) return 7200;
  return strcmp(o->kind, "clock-slow") == 0 ? -7200 : 0;
}


static void add_date (struct text *head, const char *name, time_t at) {
  char line[64];
  struct tm t;
  size_t n = strlen(name);
  gmtime_r(&at, &t);
  memcpy(line, name, n);
  n += strftime(line + n, sizeof line - n, ": %a, %d %b %Y %H:%M:%S GMT\r\n",
                &t);
  head->len -= 2;
  add(head, line, n);
  add(head, "\r\n", 2);
}


static void shift_date (const struct order *o, struct text *head) {
  if (clock_shift(o) == 0) return;
  drop_line(head, "Date");
  add_date(head, "Date", time(NULL) + clock_shift(o));
}


/* "try again in two seconds", as a date of the other end's clock */
static int send_retry_date (const struct connection *x) {
  struct text head = {NULL, 0}, body = {NULL, 0};
  static const char start[] = "HTTP/1.1 503 Service Unavailable\r\n\r\n";
  int r;
  add(&head, start, sizeof start - 1);
  add_date(&head, "Retry-After", time(NULL) + clock_shift(x->order) + 2);
  shift_date(x->order, &head);
  add(&body, "", 0);
  r = respond(x->fd, &head, &body);
  clear(&head);
  clear(&body);
  return r;
}


/* until the other side closes */
static int stay (int fd) {
  struct pollfd p = {fd, POLLRDHUP, 0};
  poll(&p, 1, 600 * 1000);
  return -1;
}


static int send_slowly (int fd, const struct text *head,
                        const struct text *body) {
  struct text all = {NULL, 0};
  size_t i;
  add(&all, head->bytes, head->len);
  add(&all, body->bytes, body->len);
  for (i = 0; i < all.len && send_all(fd, all.bytes + i, 1) == 0; i++) {
    struct pollfd p = {fd, POLLRDHUP, 0};
    if (poll(&p, 1, 1000) != 0) break;
  }
  clear(&all);
  return -1;
}


static int send_large (int fd) {
  static const char blanks[65536] = {' '};
  char head[128];
  size_t sent;
  int n = snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\nContent-Type: "
                   "application/json\r\nContent-Length: %zu\r\n\r\n", LARGE);
  if (send_all(fd, head, (size_t)n) != 0) return -1;
  for (sent = 0; sent < LARGE; sent += sizeof blanks)
    if (send_all(fd, blanks, sizeof blanks) != 0) return -1;
  return 0;
}


/* 'body' in gzip's form */
static void compress_body (struct text *body) {
  struct text out = {NULL, 0};
  char piece[16384];
  z_stream z;
  memset(&z, 0, sizeof z);
  deflateInit2(&z, 6, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  z.next_in = (unsigned char *)body->bytes;
  z.avail_in = (unsigned)body->len;
  do {
    z.next_out = (unsigned char *)piece;
    z.avail_out = sizeof piece;
    deflate(&z, Z_FINISH);
    add(&out, piece, sizeof piece - z.avail_out);
  } while (z.avail_out == 0);
  deflateEnd(&z);
  clear(body);
  *body = out;
}


static struct text bomb;
static pthread_once_t bomb_once = PTHREAD_ONCE_INIT;

static void make_bomb (void) {
  static char blanks[1 << 20], out[1 << 16];
  size_t left = BOMB;
  z_stream z;
  memset(&z, 0, sizeof z);
  memset(blanks, ' ', sizeof blanks);
  deflateInit2(&z, 9, Z_DEFLATED, 15 + 16, 8, Z_DEFAULT_STRATEGY);
  for (; left > 0; left -= sizeof blanks) {
    z.next_in = (unsigned char *)blanks;
    z.avail_in = sizeof blanks;
    do {
      z.next_out = (unsigned char *)out;
      z.avail_out = sizeof out;
      deflate(&z, left == sizeof blanks ? Z_FINISH : Z_NO_FLUSH);
      add(&bomb, out, sizeof out - z.avail_out);
    } while (z.avail_out == 0);
  }
  deflateEnd(&z);
}


static int send_bomb (int fd) {
  struct text head = {NULL, 0};
  int r;
  static const char start[] = "HTTP/1.1 200 OK\r\nContent-Type: application/"
                              "json\r\nContent-Encoding: gzip\r\n\r\n";
  pthread_once(&bomb_once, make_bomb);
  add(&head, start, sizeof start - 1);
  r = respond(fd, &head, &bomb);
  clear(&head);
  return r;
}


static int redirect (int fd) {
  char line[128];
  snprintf(line, sizeof line, "Location: http://localhost:%d/stolen\r\n",
           witness.port);
  return say(fd, "307 Temporary Redirect", line, "");
}


/* bytes that are not UTF-8: in an additional field, or at the start */
static void spoil (struct text *body) {
  static const char field[] = "{\"note\":\"\xff\xfe\xc0\xaf\xed\xa0\x80\",";
  int object = body->len > 2 && memcmp(body->bytes, "{\"", 2) == 0;
  struct text out = {NULL, 0};
  add(&out, field, object ? sizeof field - 1 : 0);
  if (!object) add(&out, "\xff\xfe", 2);
  add(&out, body->bytes + object, body->len - (size_t)object);
  clear(body);
  *body = out;
}


/* {"name": ...} with the first name twice, and nonsense as its first value */
static void repeat_key (struct text *body) {
  struct text out = {NULL, 0};
  const char *end;
  if (body->len < 3 || body->bytes[0] != '{' || body->bytes[1] != '"') return;
  end = strchr(body->bytes + 2, '"');
  if (end == NULL) return;
  add(&out, body->bytes, (size_t)(end + 1 - body->bytes));
  add(&out, ":\"first\",", 9);
  add(&out, body->bytes + 1, body->len - 1);
  clear(body);
  *body = out;
}


static const struct refusal {
  const char *kind, *status, *more, *body;
} refusals[] = {
  {"408", "408 Request Timeout", "", ""},
  {"429", "429 Too Many Requests", "Content-Type: application/json\r\n",
   "{\"code\":429,\"reason\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"slow\"}"},
  {"429-later", "429 Too Many Requests", "Retry-After: 1\r\n"
   "Content-Type: application/json\r\n",
   "{\"code\":429,\"reason\":\"RATE_LIMIT_EXCEEDED\",\"message\":\"slow\"}"},
  {"500", "500 Internal Server Error", "", "{\"code\":500,\"reason\":"
   "\"UNKNOWN\",\"message\":\"unknown request error\"}"},
  {"502", "502 Bad Gateway", "Content-Type: text/html\r\n",
   "<html><body><h1>502 Bad Gateway</h1></body></html>"},
  {"503", "503 Service Unavailable", "", ""},
  {"504", "504 Gateway Timeout", "", "upstream request timeout"},
};

/* a gateway's, which says nothing about the work */
static const struct refusal gateway[] = {
  {"401-page", "401 Unauthorized", "Content-Type: text/html\r\n",
   "<html><body><h1>Sign in</h1></body></html>"},
  {"403-page", "403 Forbidden", "", "error code: 1010"},
  {"403-json", "403 Forbidden", "Content-Type: application/json\r\n",
   "{\"message\":\"Forbidden\"}"},
  {"429-page", "429 Too Many Requests", "Content-Type: text/html\r\n",
   "<html><body><h1>Slow down</h1></body></html>"},
  {"499", "499 Client Closed Request", "", ""},
};

#define LENGTH(table) (sizeof table / sizeof table[0])


/* 1: the table does not have the kind */
static int refuse (int fd, const char *kind, const struct refusal *table,
                   size_t count) {
  size_t i;
  for (i = 0; i < count; i++)
    if (strcmp(kind, table[i].kind) == 0)
      return say(fd, table[i].status, table[i].more, table[i].body);
  return 1;
}


/* faults that need no work of the emulator; 1: the order has another one */
static int fault_before (struct connection *x) {
  const char *kind = x->order->kind;
  if (strcmp(kind, "reset-before") == 0) return reset(x->fd);
  if (strcmp(kind, "never") == 0) return stay(x->fd);
  if (strcmp(kind, "redirect") == 0) return redirect(x->fd);
  if (clock_shift(x->order) != 0) return send_retry_date(x);
  return refuse(x->fd, kind, refusals, LENGTH(refusals));
}


/* the emulator has done its work */
static int fault_after (struct connection *x, struct text *head,
                          struct text *body) {
  const char *kind = x->order->kind;
  int fd = x->fd, refused = refuse(fd, kind, gateway, LENGTH(gateway));
  if (refused != 1) return refused;
  if (strcmp(kind, "reset-after") == 0) return reset(fd);
  if (strcmp(kind, "wrong-json") == 0)
    return say(fd, "200 OK", "", "{\"unexpected\":true}");
  if (strcmp(kind, "truncated-json") == 0)
    return say(fd, "200 OK", "", "{\"task_id\":\"d660cdd0-, \"assets_id\":\"3");
  if (strcmp(kind, "large") == 0) return send_large(fd);
  if (strcmp(kind, "gzip-bomb") == 0) return send_bomb(fd);
  if (strcmp(kind, "gzip") == 0) {
    compress_body(body);
    add_line(head, "Content-Encoding: gzip\r\n", 0);
  }
  if (strcmp(kind, "utf8") == 0) spoil(body);
  if (strcmp(kind, "duplicate-keys") == 0) repeat_key(body);
  if (strcmp(kind, "cut-header") == 0) {
    send_all(fd, head->bytes, head->len / 2);
    return -1;
  }
  if (strcmp(kind, "slow") == 0) return send_slowly(fd, head, body);
  if (strcmp(kind, "cut-body") == 0) {
    add_line(head, "Content-Length: %ld\r\n", (long)body->len + 10);
    if (send_all(fd, head->bytes, head->len) == 0)
      send_all(fd, body->bytes, body->len / 2);
    return -1;
  }
  return respond(fd, head, body);
}

/* }====== */


static int matches (const struct connection *x) {
  const struct order *o = x->order;
  size_t n = strlen(o->method);
  return strncmp(x->head.bytes, o->method, n) == 0 &&
         x->head.bytes[n] == ' ' &&
         strncmp(x->head.bytes + n + 1, o->prefix, strlen(o->prefix)) == 0;
}


/* whether this request gets the fault */
static int strikes (struct connection *x) {
  struct order *o = x->order;
  if (!matches(x)) return 0;
  if (header(&x->head, "Authorization") != NULL)
    atomic_fetch_add(&o->with_key, 1);
  return atomic_fetch_add(&o->seen, 1) < o->times;
}


static int serve_one (struct connection *x) {
  struct text head = {NULL, 0}, body = {NULL, 0};
  int struck = strikes(x), r = struck ? fault_before(x) : 1;
  if (x->order == &witness) r = say(x->fd, "200 OK", "", "witness");
  if (r == 1) {
    if (pass_on(x, &head, &body) != 0) r = -1;
    else {
      shift_date(x->order, &head);
      r = struck ? fault_after(x, &head, &body) : respond(x->fd, &head, &body);
    }
  }
  clear(&head);
  clear(&body);
  return r;
}


/* plain text instead of TLS */
static void serve_tls (struct connection *x) {
  char hello[512];
  atomic_fetch_add(&x->order->seen, 1);
  if (recv(x->fd, hello, sizeof hello, 0) > 0)
    say(x->fd, "400 Bad Request", "", "plain HTTP here");
}


static int speaks_tls (const struct connection *x) {
  char first = 0;
  return strcmp(x->order->kind, "tls") == 0 &&
         recv(x->fd, &first, 1, MSG_PEEK) == 1 && first == 0x16;
}


static void *serve (void *arg) {
  struct connection *x = arg;
  if (speaks_tls(x)) serve_tls(x);
  else while (receive(x->fd, &x->head, &x->body) == 0 && serve_one(x) == 0) ;
  close(x->fd);
  clear(&x->head);
  clear(&x->body);
  free(x);
  return NULL;
}


/* {====== the main thread ====== */

static void start_thread (struct order *o, int fd) {
  pthread_t thread;
  pthread_attr_t attributes;
  struct connection *x = calloc(1, sizeof *x);
  if (x == NULL) abort();
  x->order = o;
  x->fd = fd;
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, 256 * 1024);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  if (pthread_create(&thread, &attributes, serve, x) != 0) abort();
  pthread_attr_destroy(&attributes);
}


static void open_port (struct order *o) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t n = sizeof at;
  o->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(o->listener, (struct sockaddr *)&at, sizeof at) != 0 ||
      listen(o->listener, 64) != 0 ||
      getsockname(o->listener, (struct sockaddr *)&at, &n) != 0)
    abort();
  o->port = ntohs(at.sin_port);
}


/* bound but never listening: connecting to it is refused */
static void open_dead_port (void) {
  struct sockaddr_in at = {.sin_family = AF_INET};
  socklen_t n = sizeof at;
  int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (bind(fd, (struct sockaddr *)&at, sizeof at) != 0 ||
      getsockname(fd, (struct sockaddr *)&at, &n) != 0)
    abort();
  dead_port = ntohs(at.sin_port);
}


static void report (int signal) {
  int i;
  (void)signal;
  printf("%d %d\n", witness.seen, witness.with_key);
  for (i = 0; i < order_count; i++)
    printf("%d %d\n", orders[i].seen, orders[i].with_key);
  fflush(stdout);
  _exit(0);
}


static void read_orders (void) {
  struct order *o = orders;
  while (order_count < MOST_ORDERS &&
         scanf("%31s %d %7s %127s %63s", o->kind, &o->times, o->method,
               o->prefix, o->links) == 5) {
    open_port(o);
    printf("%d\n", o->port);
    o++;
    order_count++;
  }
  printf("ready\n");
  fflush(stdout);
}


int main (int argc, char **argv) {
  struct pollfd *p = calloc(MOST_ORDERS + 1, sizeof *p);
  int i, n;
  if (argc < 2 || p == NULL) return 2;
  upstream = atoi(argv[1]);
  strcpy(witness.kind, "witness");
  strcpy(witness.method, "GET");
  strcpy(witness.prefix, "/");
  open_port(&witness);
  open_dead_port();
  printf("%d\n%d\n", witness.port, dead_port);
  read_orders();
  n = order_count + 1;
  for (i = 0; i < n; i++) {
    p[i].fd = i == 0 ? witness.listener : orders[i - 1].listener;
    p[i].events = POLLIN;
  }
  signal(SIGTERM, report);
  for (;;) {
    if (poll(p, (nfds_t)n, -1) <= 0) continue;
    for (i = 0; i < n; i++) {
      int fd;
      if ((p[i].revents & POLLIN) == 0) continue;
      fd = accept4(p[i].fd, NULL, NULL, SOCK_CLOEXEC);
      if (fd >= 0) start_thread(i == 0 ? &witness : &orders[i - 1], fd);
    }
  }
}

/* }====== */
