/*
** replay.c: a fuzz target without libFuzzer: every file that is named is given
** to it once. spec/fuzz/corpus_spec.lua builds it with the compiler of the
** suite.
*/
#include <stdio.h>

#include "fuzz.h"


static int give (const char *path) {
  FILE *file = fopen(path, "rb");
  uint8_t *data;
  long size;
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) return -1;
  size = ftell(file);
  rewind(file);
  data = malloc((size_t)size + 1);
  if (data == NULL || fread(data, 1, (size_t)size, file) != (size_t)size)
    return -1;
  fclose(file);
  data = realloc(data, (size_t)size > 0 ? (size_t)size : 1);  /* to its end */
  LLVMFuzzerTestOneInput(data, (size_t)size);
  free(data);
  return 0;
}


int main (int argc, char **argv) {
  int i;
  for (i = 1; i < argc; i++) {
    fprintf(stderr, "%s\n", argv[i]);  /* the last one is the one that fails */
    if (give(argv[i]) != 0) return 2;
  }
  printf("%d inputs\n", argc - 1);
  return 0;
}
