/*
** inspect_floor.c: the time to read a file with read(2) in pieces of 1 MB,
** and does nothing with the bytes.
**
**   inspect_floor <file>
**
** Prints   bench inspect floor_ms <wall time of the second pass>
** The first pass brings the file into the cache.
*/
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)


static double now (void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}


static double read_all (const char *path, char *piece) {
  double from = now();
  ssize_t n = -1;
  int fd = open(path, O_RDONLY | O_CLOEXEC);
  if (fd >= 0)
    while ((n = read(fd, piece, PIECE)) > 0) continue;
  if (n < 0) {
    perror(path);
    exit(1);
  }
  close(fd);
  return now() - from;
}


int main (int argc, char **argv) {
  char *piece = aligned_alloc(4096, PIECE);  /* copies of pages are fast */
  if (argc != 2 || piece == NULL) return 1;
  read_all(argv[1], piece);
  printf("bench inspect floor_ms %.1f\n", 1e3 * read_all(argv[1], piece));
  free(piece);
  return 0;
}
