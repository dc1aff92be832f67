/*
** curl_error.c: see curl_error.h. Texts contain the host and nothing else of
** the URL: the rest of a presigned URL is a secret.
*/
#include <string.h>

#include "curl_error.h"
#include "pool.h"
#include "origin/proxy.h"
#include "status_class.h"

#define PROXY_REFUSED "proxy_refused"  /* a retry will not help */

struct meaning {
  CURLcode code;
  enum novita_error_kind kind;
  const char *word;
  const char *text;  /* what happened; the host goes in front */
};

static const struct meaning meanings[] = {
  {CURLE_COULDNT_RESOLVE_HOST, NOVITA_ERROR_NETWORK, "resolve",
   "no such host; check the network and the base_url"},
  {CURLE_COULDNT_RESOLVE_PROXY, NOVITA_ERROR_NETWORK, "resolve",
   "its host name does not resolve"},
  {CURLE_PROXY, NOVITA_ERROR_NETWORK, "proxy", "it refused the connection"},
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


/* The text of a proxy needs its host. */
const char *novita_curl_error_text (const char *code) {
  size_t i;
  for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
    if (strcmp(meanings[i].word, code) == 0 && meanings[i].code != CURLE_PROXY)
      return meanings[i].text;
  return code;
}


/* OpenSSL's X509_V_ERR_CERT_NOT_YET_VALID and X509_V_ERR_CERT_HAS_EXPIRED.
** Another library leaves the general text. */
#define NOT_YET_VALID 9
#define HAS_EXPIRED 10

/* A certificate is checked with this machine's clock, which may be wrong. */
static const char *text_of_certificate (CURL *easy, const char *otherwise) {
  long result = 0;
  curl_easy_getinfo(easy, CURLINFO_SSL_VERIFYRESULT, &result);
  if (result == 0)
    curl_easy_getinfo(easy, CURLINFO_PROXY_SSL_VERIFYRESULT, &result);
  if (result == NOT_YET_VALID)
    return "its certificate is not valid yet: this machine's clock may be "
           "slow, set it";
  if (result == HAS_EXPIRED)
    return "its certificate has expired, or this machine's clock is fast";
  return otherwise;
}


static struct meaning meaning_of (CURL *easy, CURLcode code) {
  struct meaning other = {code, NOVITA_ERROR_NETWORK, "network", NULL};
  size_t i;
  for (i = 0; i < sizeof meanings / sizeof meanings[0]; i++)
    if (meanings[i].code == code) other = meanings[i];
  if (code == CURLE_PEER_FAILED_VERIFICATION)
    other.text = text_of_certificate(easy, other.text);
  else if (other.text == NULL) other.text = curl_easy_strerror(code);
  return other;
}


/* {====== with a proxy ====== */

/* Whether the proxy failed, and not the server that it connects to: no tunnel
** exists yet. For a SOCKS proxy, libcurl has separate error codes; it connects
** to nothing else itself. */
static bool is_of_proxy (const struct novita_request *request,
                         const struct novita_proxy *proxy, CURLcode code,
                         long status) {
  if (code == CURLE_COULDNT_RESOLVE_HOST) return false;
  if (proxy->socks)
    return code == CURLE_PROXY || code == CURLE_COULDNT_RESOLVE_PROXY ||
           code == CURLE_COULDNT_CONNECT;
  return request->state.sends == 0 && status / 100 != 2;
}


static void set_refusal (struct novita_request *request,
                         const struct novita_proxy *proxy, long status) {
  const struct novita_origin *at = &request->result.origin;
  bool passes =
    novita_status_class_is_transient(novita_status_class_of(status));
  novita_error_set(&request->result.error, NOVITA_ERROR_NETWORK,
                   passes ? "proxy" : PROXY_REFUSED,
                   "%s:%d: the proxy %s:%d answered %ld%s%s", at->host,
                   at->port, proxy->host, proxy->port, status,
                   status == 407 ? ": check user name and password in " : "",
                   status == 407 ? proxy->variable : "");
}


/* what a SOCKS proxy said; the host and the proxy go in front */
static const struct {
  const char *word, *text;
  CURLproxycode code;
  bool password;       /* the variable with the password is to be checked */
} socks_meanings[] = {
  {PROXY_REFUSED, "refused user name and password", CURLPX_USER_REJECTED, true},
  {PROXY_REFUSED, "wants a user name and a password", CURLPX_NO_AUTH, true},
  {PROXY_REFUSED, "does not allow this connection", CURLPX_REPLY_NOT_ALLOWED,
   false},
  {"proxy", "was refused by the host", CURLPX_REPLY_CONNECTION_REFUSED, false},
  {"proxy", "does not reach the host", CURLPX_REPLY_HOST_UNREACHABLE, false},
  {"proxy", "does not reach the host's network",
   CURLPX_REPLY_NETWORK_UNREACHABLE, false},
  {"proxy", "closed the connection", CURLPX_CLOSED, false},
  {"resolve", "needs the host's address, which was not found; with socks5h:// "
   "it looks for the address itself", CURLPX_RESOLVE_HOST, false},
  {"proxy", "gave no connection", CURLPX_OK, false}  /* any other code */
};


static void set_socks_refusal (struct novita_request *request,
                               const struct novita_proxy *proxy) {
  const struct novita_origin *at = &request->result.origin;
  long detail = CURLPX_OK;
  size_t i = 0;
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_PROXY_ERROR,
                    &detail);
  while (socks_meanings[i].code != CURLPX_OK &&
         socks_meanings[i].code != (CURLproxycode)detail)
    i++;
  novita_error_set(&request->result.error, NOVITA_ERROR_NETWORK,
                   socks_meanings[i].word, "%s:%d: the proxy %s:%d %s%s%s",
                   at->host, at->port, proxy->host, proxy->port,
                   socks_meanings[i].text,
                   socks_meanings[i].password ? ": check those in " : "",
                   socks_meanings[i].password ? proxy->variable : "");
}


static void explain_proxied (struct novita_request *request,
                             const struct novita_proxy *proxy, CURLcode code) {
  const struct novita_origin *at = &request->result.origin;
  struct meaning m = meaning_of(request->state.transfer.easy, code);
  long status = 0;
  bool of_proxy;
  curl_easy_getinfo(request->state.transfer.easy, CURLINFO_HTTP_CONNECTCODE,
                    &status);
  of_proxy = is_of_proxy(request, proxy, code, status);
  if (of_proxy && status != 0) set_refusal(request, proxy, status);
  else if (proxy->socks && code == CURLE_PROXY)
    set_socks_refusal(request, proxy);
  else
    novita_error_set(&request->result.error, m.kind, m.word,
                     "%s:%d%s the proxy %s:%d: %s", at->host, at->port,
                     of_proxy ? ":" : " through", proxy->host, proxy->port,
                     m.text);
}

/* }====== */


static void explain_code (struct novita_request *request, CURLcode code) {
  const struct novita_origin *at = &request->result.origin;
  struct meaning m = meaning_of(request->state.transfer.easy, code);
  struct novita_proxy proxy;
  if (request->state.proxied && novita_proxy_find(at, &proxy))
    explain_proxied(request, &proxy, code);
  else
    novita_error_set(&request->result.error, m.kind, m.word, "%s:%d: %s",
                     at->host, at->port, m.text);
}


void novita_curl_error_explain (struct novita_request *request,
                                CURLcode code) {
  const struct novita_origin *at = &request->result.origin;
  const struct novita_request_state *state = &request->state;
  struct novita_error *e = &request->result.error;
  bool no_connection = code == CURLE_COULDNT_CONNECT;
  if (e->kind != NOVITA_ERROR_NONE) return;  /* set by a callback */
  if (state->too_big)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "too_big",
                     "%s:%d: the response is larger than allowed", at->host,
                     at->port);
  else if (state->blocked[0] != '\0' && no_connection)
    novita_error_set(e, NOVITA_ERROR_PROTOCOL, "private_address",
                     "%s:%d: the service's response leads to %s, which is not "
                     "a public address%s", at->host, at->port, state->blocked,
                     state->pool->server.allow_private ? ""
                     : " (allow_private is false)");
  else if (state->no_socket != 0 && no_connection)
    novita_error_set(e, NOVITA_ERROR_NETWORK, "descriptors",
                     "%s:%d: no socket to connect with: %s", at->host,
                     at->port, strerror(state->no_socket));
  else explain_code(request, code);
}


bool novita_curl_error_may_pass (const struct novita_error *e) {
  if (e->kind == NOVITA_ERROR_TLS) return strcmp(e->code, "handshake") == 0;
  return e->kind == NOVITA_ERROR_TIMEOUT ||
         (e->kind == NOVITA_ERROR_NETWORK &&
          strcmp(e->code, PROXY_REFUSED) != 0);
}
