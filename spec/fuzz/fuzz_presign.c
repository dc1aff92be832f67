/*
** fuzz_presign.c: no answer yields a header that could end its own line or say
** how the body is framed.
*/
#include <strings.h>

#include "../../csrc/http/origin/origin.h"
#include "../../csrc/http/presign.h"
#include "fuzz.h"


static void check_headers (const struct curl_slist *list) {
  for (; list != NULL; list = list->next) {
    const char *colon = strchr(list->data, ':');
    if (colon == NULL || colon == list->data) abort();
    if (!novita_origin_header_safe(list->data)) abort();
    if (strncasecmp(list->data, "Transfer-Encoding:", 18) == 0) abort();
    if (strncasecmp(list->data, "Host:", 5) == 0) abort();
  }
}


int LLVMFuzzerTestOneInput (const uint8_t *data, size_t size) {
  struct novita_buffer response;
  struct novita_presign out;
  struct novita_error e;
  novita_buffer_init(&response, 1 << 20);
  novita_buffer_append(&response, data, size);
  if (novita_presign_read(&response, &out, &e) == 0) {
    if (out.asset_id[0] == '\0' || out.url == NULL) abort();
    check_headers(out.headers);
    curl_slist_free_all(out.headers);
    free(out.url);
  }
  else if (e.kind != NOVITA_ERROR_PROTOCOL) abort();
  novita_buffer_free(&response);
  return 0;
}
