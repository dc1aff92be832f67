/*
** fuzz_origin.c: an accepted URL leads to https, or to this machine; and its
** origin is its own whatever path follows.
*/
#include "../../csrc/http/origin/origin.h"
#include "fuzz.h"


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  char *url = fuzz_text(data, size);
  struct novita_origin origin;
  struct novita_error e;
  if (novita_origin_parse(url, &origin, &e) == 0) {
    if (!origin.tls && !novita_origin_loopback(&origin)) abort();
    if (origin.host[0] == '\0' || origin.port < 0 || origin.port > 65535)
      abort();
    if (!novita_origin_same(&origin, &origin)) abort();
  }
  else if (strchr(e.text, '\n') != NULL) abort();
  free(url);
  return 0;
}
