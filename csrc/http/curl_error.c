/*
** curl_error.c: see curl_error.h. Texts contain the host and nothing else of
** the URL: the rest of a presigned URL is a secret.
*/
#include <string.h>

#include "curl_error.h"

struct meaning {
  CURLcode code;
  enum novita_error_kind kind;
  const char *word;
  const char *text;  /* what happened; host and port go in front */
};

static const struct meaning meanings[] = {
  {CURLE_COULDNT_RESOLVE_HOST, NOVITA_ERROR_NETWORK, "resolve",
   "no such host; check the network and the base_url"},
  {CURLE_COULDNT_RESOLVE_PROXY, NOVITA_ERROR_NETWORK, "resolve",
   "the proxy's host name does not resolve"},
  {CURLE_COULDNT_CONNECT, NOVITA_ERROR_NETWORK, "refused",
   "no connection: refused or unreachable"},
  {CURLE_OPERATION_TIMEDOUT, NOVITA_ERROR_TIMEOUT, "timeout",
   "no response in time"},
  {CURLE_GOT_NOTHING, NOVITA_ERROR_NETWORK, "closed",
   "the connection was closed without a response"},
  {CURLE_RECV_ERROR, NOVITA_ERROR_NETWORK, "reset",
   "the connection broke while receiving"},
  {CURLE_SEND_ERROR, NOVITA_ERROR_NETWORK, "reset",
   "the connection broke while sending"},
  {CURLE_PARTIAL_FILE, NOVITA_ERROR_NETWORK, "cut",
   "the response was cut short"},
  {CURLE_SSL_CONNECT_ERROR, NOVITA_ERROR_TLS, "handshake",
   "the TLS handshake failed (TLS 1.2 or newer is required)"},
  {CURLE_PEER_FAILED_VERIFICATION, NOVITA_ERROR_TLS, "certificate",
   "its certificate is not trusted: wrong host, expired, or an unknown "
   "authority (see ca_file)"},
  {CURLE_SSL_CACERT_BADFILE, NOVITA_ERROR_TLS, "ca_file",
   "the ca_file cannot be read"},
  {CURLE_BAD_CONTENT_ENCODING, NOVITA_ERROR_PROTOCOL, "encoding",
   "the response's compression is broken"},
  {CURLE_WEIRD_SERVER_REPLY, NOVITA_ERROR_PROTOCOL, "not_http",
   "the response is not HTTP"},
  {CURLE_HTTP2, NOVITA_ERROR_PROTOCOL, "not_http", "the response is not HTTP"},
  {CURLE_OUT_OF_MEMORY, NOVITA_ERROR_MEMORY, "memory", "out of memory"},
};


static const struct meaning *find (CURLcode code) {
  size_t i;
  for (i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
    if (meanings[i].code == code) return &meanings[i];
  return NULL;
}


void novita_curl_error_explain (struct novita_request *request,
                                CURLcode code) {
  const struct meaning *m = find(code);
  const struct novita_origin *at = &request->result.origin;
  const struct novita_request_state *state = &request->state;
  struct novita_error *e = &request->result.error;
  bool no_connection = code == CURLE_COULDNT_CONNECT;
  if (e->kind != NOVITA_ERROR_NONE) return;  /* set by a callback */
  if (state->too_big)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "too_big",
                     "%s:%d: the response is larger than allowed", at->host,
                     at->port);
  else if (state->blocked_private && no_connection)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "private_address",
                     "%s:%d: the service's response leads to a private address",
                     at->host, at->port);
  else if (state->no_socket != 0 && no_connection)
    novita_error_set(e, NOVITA_ERROR_NETWORK, "descriptors",
                     "%s:%d: no socket to connect with: %s", at->host,
                     at->port, strerror(state->no_socket));
  else if (m != NULL)
    novita_error_set(e, m->kind, m->word, "%s:%d: %s", at->host, at->port,
                     m->text);
  else
    novita_error_set(e, NOVITA_ERROR_NETWORK, "network", "%s:%d: %s", at->host,
                     at->port, curl_easy_strerror(code));
}
