/*
** library.c: see library.h
*/
#define _GNU_SOURCE 1

#include <dlfcn.h>
#include <pthread.h>
#include <string.h>

#include "library.h"

#ifdef __APPLE__  /* the second is Homebrew's, which dyld does not search */
static const char *const names[] = {
  "libheif.1.dylib", "/opt/homebrew/lib/libheif.1.dylib", NULL
};
#else
static const char *const names[] = {"libheif.so.1", NULL};
#endif

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct novita_heif_library library;  /* set once */
static bool loaded;


static void *open_library (void) {
  void *handle = NULL;
  int i;
  for (i = 0; handle == NULL && names[i] != NULL; i++)
    handle = dlopen(names[i], RTLD_NOW | RTLD_LOCAL);
  return handle;
}


/* POSIX lets a function's address be a 'void *'; C needs the copy. */
#define FIND(result, name, arguments) \
  address = dlsym(handle, #name); \
  memcpy(&library.name, &address, sizeof address);
#define MISSING(result, name, arguments) || library.name == NULL

static bool find_functions (void *handle) {
  void *address;
  NOVITA_HEIF_FUNCTIONS(FIND)
  NOVITA_HEIF_NEW_FUNCTIONS(FIND)
  return !(false NOVITA_HEIF_FUNCTIONS(MISSING));
}


static void load (void) {
  void *handle = open_library();
  if (handle == NULL || !find_functions(handle)) return;
  if (library.heif_init != NULL)
    library.heif_init(NULL);  /* whether it has decoders is asked below */
  library.version = library.heif_get_version();
  library.hevc = library.heif_have_decoder_for_format(heif_compression_HEVC);
  library.av1 = library.heif_have_decoder_for_format(heif_compression_AV1);
  loaded = true;
}


const struct novita_heif_library *novita_heif_library (void) {
  pthread_once(&once, load);
  return loaded ? &library : NULL;
}
