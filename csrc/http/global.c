/*
** global.c: see global.h. libcurl is initialized once per process. It must not
** be older than the version whose options transfer.c was compiled for: it would
** ignore some of them without an error.
*/
#define _GNU_SOURCE 1
#include <curl/curl.h>
#include <dlfcn.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "global.h"

#if LIBCURL_VERSION_NUM < 0x075100
#error "novita needs libcurl 7.81 or newer"
#endif

#if LIBCURL_VERSION_NUM >= 0x075500
#define OLDEST 0x075500  /* CURLOPT_PROTOCOLS_STR */
#else
#define OLDEST 0x075100  /* CURLOPT_PREREQFUNCTION, CURLINFO_RETRY_AFTER */
#endif


/* A thread of libcurl that resolves a name may outlast its request and its
** client (see transfer.c). A Lua state that closes unloads our module, but the
** code of that thread must stay loaded. */
static void keep_loaded (void) {
  Dl_info library;
  if (dladdr((void *)(uintptr_t)curl_easy_init, &library) != 0)
    dlopen(library.dli_fname, RTLD_LAZY | RTLD_NOLOAD | RTLD_NODELETE);
}


/* Not pthread_once: an initialization that failed may be tried again. */
static bool initialize (void) {
  static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  static bool ready;
  bool r;
  pthread_mutex_lock(&lock);
  if (!ready) {
    ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK;
    keep_loaded();
  }
  r = ready;
  pthread_mutex_unlock(&lock);
  return r;
}


int novita_http_global (struct novita_error *e) {
  const curl_version_info_data *v = curl_version_info(CURLVERSION_NOW);
  if (v->version_num < OLDEST)
    return novita_error_set(e, NOVITA_ERROR_NETWORK, "libcurl",
                            "libcurl %s is too old for what novita was built "
                            "with (%s): rebuild novita with 7.81 or newer",
                            v->version, LIBCURL_VERSION);
  if (initialize()) return 0;
  return novita_error_set(e, NOVITA_ERROR_NETWORK, "libcurl",
                          "libcurl could not be initialized");
}
