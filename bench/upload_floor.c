/*
** upload_floor.c: the cost of an upload over TLS with nothing but OpenSSL:
** read(2) into a buffer and SSL_write to the end of the file; HTTP/1.1 PUTs
** with a Content-Length on kept connections, one blocking thread each.
**
**   upload_floor <port> <ca file> <folder> [connections [presign [suites]]]
**
** Every regular file of <folder> is sent once to https://127.0.0.1:<port>. With
** a 1 as 'presign' a POST for its URL precedes each PUT, as in the service's
** protocol; without it, the path is invented. 'suites' are the TLS 1.3 suites
** to offer, in OpenSSL's notation, instead of its default. Prints
**   bench upload floor_cpu_s <user + system time from the first handshake on>
**   bench upload floor_wall_s
**   bench upload floor_peak_rss_mb
** The certificate is checked against the CA file and the address. Gives up
** (exit status 1) on the first error and after 300 seconds.
*/
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define CHUNK (512 * 1024)   /* bytes read from the file at once */
#define RESPONSE_MAX 4096
#define WORKERS_MAX 64
#define SECONDS_MAX 300

struct work {                /* what the threads share */
  SSL_CTX *ctx;
  const char *folder;
  int port, presign;
  char **name;               /* files of the folder */
  size_t names;
  atomic_size_t next;        /* the first file without a thread */
};

struct worker {
  struct work *work;
  pthread_t thread;
  SSL *ssl;
  char *chunk;               /* CHUNK bytes */
  char response[RESPONSE_MAX];   /* the last one, with a final NUL */
};

static void die (const char *what) {
  fprintf(stderr, "upload_floor: %s\n", what);
  ERR_print_errors_fp(stderr);
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

static void report (double cpu, double wall) {
  struct rusage u;
  getrusage(RUSAGE_SELF, &u);
  printf("bench upload floor_cpu_s %.4f\n", cpu);
  printf("bench upload floor_wall_s %.4f\n", wall);
  printf("bench upload floor_peak_rss_mb %.1f\n",
         (double)u.ru_maxrss * 1024 / 1e6);
}

static int tcp_connect (int port) {
  struct sockaddr_in a = {.sin_family = AF_INET};
  int one = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  a.sin_port = htons((uint16_t)port);
  a.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (fd < 0 || connect(fd, (struct sockaddr *)&a, sizeof a) != 0)
    die("cannot connect to 127.0.0.1");
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return fd;
}

static SSL *tls_connect (struct work *w) {
  SSL *ssl = SSL_new(w->ctx);
  if (ssl == NULL ||
      X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(ssl), "127.0.0.1") != 1 ||
      SSL_set_fd(ssl, tcp_connect(w->port)) != 1 || SSL_connect(ssl) != 1)
    die("the TLS handshake failed");
  return ssl;
}

static void write_all (SSL *ssl, const char *data, size_t n) {
  while (n > 0) {
    size_t done = 0;
    if (SSL_write_ex(ssl, data, n, &done) != 1) die("SSL_write failed");
    data += done;
    n -= done;
  }
}

/* The body of a complete response; NULL until it is complete. */
static char *response_body (char *response, size_t len) {
  char *body = strstr(response, "\r\n\r\n");
  const char *length = strcasestr(response, "\r\nContent-Length:");
  if (body == NULL) return NULL;
  body += 4;
  if (length == NULL || length > body) die("a response without a length");
  return (size_t)(response + len - body) >= strtoul(length + 17, NULL, 10)
           ? body : NULL;
}

static char *read_response (struct worker *w) {
  size_t len = 0, got;
  char *body = NULL;
  while (body == NULL) {
    if (len + 1 >= sizeof w->response) die("a response is too long");
    if (SSL_read_ex(w->ssl, w->response + len, sizeof w->response - 1 - len,
                    &got) != 1)
      die("the server closed the connection");
    len += got;
    w->response[len] = '\0';
    body = response_body(w->response, len);
  }
  if (strncmp(w->response, "HTTP/1.1 20", 11) != 0)
    die("the server rejected a request");
  return body;
}

/* Requests the path of the PUT, as in the service's protocol. */
static void presign (struct worker *w, char *path, size_t size) {
  static const char body[] = "{\"file_extension\":\"jpeg\"}";
  char head[256];
  const char *from, *to;
  int n = snprintf(head, sizeof head,
                   "POST /v3/assets/training_dataset HTTP/1.1\r\n"
                   "Host: 127.0.0.1:%d\r\nAuthorization: Bearer sk_bench\r\n"
                   "Content-Type: application/json\r\n"
                   "Content-Length: %zu\r\n\r\n%s",
                   w->work->port, sizeof body - 1, body);
  write_all(w->ssl, head, (size_t)n);
  from = strstr(read_response(w), "\"upload_url\":\"https://");
  if (from != NULL) from = strchr(from + 22, '/');
  to = from != NULL ? strchr(from, '"') : NULL;
  if (to == NULL || (size_t)(to - from) >= size) die("no upload_url");
  memcpy(path, from, (size_t)(to - from));
  path[to - from] = '\0';
}

static void put_head (struct worker *w, const char *path, off_t bytes) {
  char head[1280];
  int n = snprintf(head, sizeof head,
                   "PUT %s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
                   "Content-Length: %lld\r\n\r\n",
                   path, w->work->port, (long long)bytes);
  write_all(w->ssl, head, (size_t)n);
}

static void put (struct worker *w, const char *name) {
  char file[1024], path[1024];
  struct stat st;
  ssize_t n;
  int fd;
  snprintf(file, sizeof file, "%s/%s", w->work->folder, name);
  snprintf(path, sizeof path, "/put/%s", name);
  if (w->work->presign) presign(w, path, sizeof path);
  fd = open(file, O_RDONLY | O_CLOEXEC);
  if (fd < 0 || fstat(fd, &st) != 0) die("cannot read a file");
  put_head(w, path, st.st_size);
  while ((n = read(fd, w->chunk, CHUNK)) > 0)
    write_all(w->ssl, w->chunk, (size_t)n);
  close(fd);
  read_response(w);
}

static void *worker_run (void *arg) {
  struct worker *w = arg;
  size_t i;
  w->chunk = malloc(CHUNK);
  if (w->chunk == NULL) die("out of memory");
  w->ssl = tls_connect(w->work);
  while ((i = atomic_fetch_add(&w->work->next, 1)) < w->work->names)
    put(w, w->work->name[i]);
  SSL_shutdown(w->ssl);
  close(SSL_get_fd(w->ssl));
  SSL_free(w->ssl);
  free(w->chunk);
  return NULL;
}

static void list_folder (struct work *w) {
  DIR *dir = opendir(w->folder);
  struct dirent *e;
  if (dir == NULL) die("cannot open the folder");
  while ((e = readdir(dir)) != NULL) {
    if (e->d_name[0] == '.') continue;
    w->name = realloc(w->name, (w->names + 1) * sizeof *w->name);
    if (w->name == NULL || (w->name[w->names++] = strdup(e->d_name)) == NULL)
      die("out of memory");
  }
  closedir(dir);
  if (w->names == 0) die("the folder is empty");
}

static void tls_open (struct work *w, const char *ca, const char *suites) {
  w->ctx = SSL_CTX_new(TLS_client_method());
  if (w->ctx == NULL || SSL_CTX_load_verify_locations(w->ctx, ca, NULL) != 1)
    die("cannot read the CA file");
  if (suites != NULL && SSL_CTX_set_ciphersuites(w->ctx, suites) != 1)
    die("no such TLS suites");
  SSL_CTX_set_verify(w->ctx, SSL_VERIFY_PEER, NULL);
  SSL_CTX_set_min_proto_version(w->ctx, TLS1_2_VERSION);
}

static void run (struct work *w, int workers) {
  static struct worker worker[WORKERS_MAX];
  int i;
  for (i = 0; i < workers; i++) {
    worker[i].work = w;
    if (pthread_create(&worker[i].thread, NULL, worker_run, &worker[i]) != 0)
      die("cannot start a thread");
  }
  for (i = 0; i < workers; i++)
    pthread_join(worker[i].thread, NULL);
}

int main (int argc, char **argv) {
  struct work w = {0};
  int workers = argc > 4 ? atoi(argv[4]) : 4;
  double cpu, wall;
  if (argc < 4 || (w.port = atoi(argv[1])) <= 0 || workers < 1 ||
      workers > WORKERS_MAX) {
    fprintf(stderr, "usage: upload_floor <port> <ca file> <folder> "
                    "[connections 1..%d [presign [suites]]]\n", WORKERS_MAX);
    return 1;
  }
  alarm(SECONDS_MAX);
  w.folder = argv[3];
  w.presign = argc > 5 && atoi(argv[5]) == 1;
  list_folder(&w);
  tls_open(&w, argv[2], argc > 6 ? argv[6] : NULL);
  wall = now();
  cpu = cpu_seconds();
  run(&w, workers);
  report(cpu_seconds() - cpu, now() - wall);
  SSL_CTX_free(w.ctx);
  while (w.names > 0) free(w.name[--w.names]);
  free(w.name);
  return 0;
}
