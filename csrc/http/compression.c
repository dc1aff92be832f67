/*
** compression.c: see compression.h
*/
#include "compression.h"

/* Images and models hardly grow, and JSON does so tenfold. A file of zeros
** grows more, but is seldom larger than a megabyte. libcurl may count 16 KB
** late. */
#define MOST_GROWTH 32
#define ALLOWED_ANYWAY (1 << 20)  /* bytes */


int novita_compression_ask (const struct novita_request *request) {
  int none = NOVITA_REQUEST_SMALL | NOVITA_REQUEST_BULK;
  bool ask = (request->options.flags & none) == 0;
  CURLcode code = curl_easy_setopt(request->state.transfer.easy,
                                   CURLOPT_ACCEPT_ENCODING,
                                   ask ? "" : "identity");
  return code == CURLE_OUT_OF_MEMORY ? -1 : 0;
}


bool novita_compression_is_excessive (const struct novita_request *request) {
  curl_off_t arrived = 0;
  if (request->result.received <= ALLOWED_ANYWAY) return false;
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_SIZE_DOWNLOAD_T,
                    &arrived);
  return (request->result.received - ALLOWED_ANYWAY) / MOST_GROWTH >
         (uint64_t)arrived;
}


void novita_compression_set_error (struct novita_request *request) {
  const struct novita_origin *at = &request->result.origin;
  novita_error_set(&request->result.error, NOVITA_ERROR_PROTOCOL, "compressed",
                   "%s:%d: the response is compressed more than %d-fold",
                   at->host, at->port, MOST_GROWTH);
}
