/*
** presign.c: see presign.h. Ids are strings or, on one page of the API's
** documentation, integers; both are kept as their exact digits.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/json.h"
#include "origin/origin.h"
#include "presign.h"

#define LONGEST_URL 8192
#define LONGEST_HEADER 1024
#define MOST_HEADERS 32


static int malformed (struct novita_error *e, const char *what) {
  return novita_error_set(e, NOVITA_ERROR_PROTOCOL, "presign",
                          "the response with the upload URL %s", what);
}


/* The functions below return NOVITA_ERROR_NONE, NOVITA_ERROR_MEMORY, or
** NOVITA_ERROR_PROTOCOL for a malformed response. */
static enum novita_error_kind append (struct curl_slist **list,
                                      const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return NOVITA_ERROR_MEMORY;
  *list = longer;
  return NOVITA_ERROR_NONE;
}


/* libcurl sets these: Host from the URL, and the others from how it sends the
** body. */
static bool is_set_by_libcurl (const char *name) {
  static const char *const names[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"
  };
  size_t i;
  for (i = 0; i < sizeof names / sizeof names[0]; i++)
    if (curl_strequal(name, names[i])) return true;
  return false;
}


/* a token of RFC 9110 */
static bool is_name (const char *name) {
  static const char allowed[] =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
  return name[0] != '\0' && name[strspn(name, allowed)] == '\0';
}


/* "Name": { "values": ["first", ...] } */
static enum novita_error_kind add_header (
    struct curl_slist **list, const struct novita_json_walk *header) {
  struct novita_json values;
  struct novita_json_walk first;
  char name[128], value[LONGEST_HEADER], line[sizeof name + sizeof value + 2];
  if (!novita_json_text(header->name, name, sizeof name))
    return NOVITA_ERROR_PROTOCOL;
  if (is_set_by_libcurl(name)) return NOVITA_ERROR_NONE;
  if (!novita_json_member(header->value, "values", &values))
    return NOVITA_ERROR_PROTOCOL;
  novita_json_begin(values, &first);
  if (!novita_json_step(&first)) return NOVITA_ERROR_NONE;
  if (!novita_json_text(first.value, value, sizeof value) || !is_name(name) ||
      !novita_origin_header_safe(value))
    return NOVITA_ERROR_PROTOCOL;
  snprintf(line, sizeof line, "%s: %s", name, value);
  return append(list, line);
}


static enum novita_error_kind read_headers (struct novita_json root,
                                            struct curl_slist **list) {
  struct novita_json headers;
  struct novita_json_walk w;
  enum novita_error_kind wrong = append(list, "Expect:");
  int count = 0;
  /* no wait for "100 Continue", no compression */
  if (wrong == NOVITA_ERROR_NONE) wrong = append(list, "Accept-Encoding:");
  if (!novita_json_member(root, "headers", &headers)) return wrong;
  novita_json_begin(headers, &w);
  while (wrong == NOVITA_ERROR_NONE && novita_json_step(&w)) {
    if (!w.object || ++count > MOST_HEADERS) return NOVITA_ERROR_PROTOCOL;
    wrong = add_header(list, &w);
  }
  return wrong;
}


static enum novita_error_kind read_url (struct novita_json root, char **out) {
  struct novita_json url;
  char *text = malloc(LONGEST_URL);
  if (text == NULL) return NOVITA_ERROR_MEMORY;
  if (!novita_json_member(root, "upload_url", &url) ||
      !novita_json_text(url, text, LONGEST_URL)) {
    free(text);
    return NOVITA_ERROR_PROTOCOL;
  }
  *out = text;
  return NOVITA_ERROR_NONE;
}


static int refuse (enum novita_error_kind kind, const char *what,
                   struct novita_error *e) {
  if (kind == NOVITA_ERROR_MEMORY) return novita_error_set_memory(e);
  return malformed(e, what);
}


bool novita_presign_refused (const struct novita_buffer *response) {
  struct novita_json root, code;
  double number;
  return novita_json_check(response->data, response->len, &root) &&
         novita_json_member(root, "code", &code) &&
         novita_json_number(code, &number) && number != 0;
}


int novita_presign_read (const struct novita_buffer *response,
                         struct novita_presign *out,
                         struct novita_error *e) {
  struct novita_json root, id, inner;
  enum novita_error_kind wrong;
  memset(out, 0, sizeof *out);
  if (!novita_json_check(response->data, response->len, &root))
    return malformed(e, "is not JSON");
  if (novita_json_member(root, "data", &inner)) root = inner;
  if (!novita_json_member(root, "assets_id", &id) ||
      !novita_json_text(id, out->asset_id, sizeof out->asset_id) ||
      out->asset_id[0] == '\0')
    return malformed(e, "has no assets_id");
  wrong = read_url(root, &out->url);
  if (wrong != NOVITA_ERROR_NONE) return refuse(wrong, "has no upload_url", e);
  wrong = read_headers(root, &out->headers);
  if (wrong == NOVITA_ERROR_NONE) return 0;
  curl_slist_free_all(out->headers);
  free(out->url);
  memset(out, 0, sizeof *out);
  return refuse(wrong, "has headers that cannot be sent", e);
}
