/*
** presign.c: see presign.h. Ids come as strings and, on one page of the
** documentation, as integers; both stay the digits they are.
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/json.h"
#include "origin.h"
#include "presign.h"

#define LONGEST_URL 8192
#define LONGEST_HEADER 1024
#define MOST_HEADERS 32


static int malformed (struct novita_error *e, const char *what) {
  return novita_fail(e, NOVITA_PROTOCOL, "presign",
                     "the upload URL's answer %s", what);
}


static int append (struct curl_slist **list, const char *line) {
  struct curl_slist *longer = curl_slist_append(*list, line);
  if (longer == NULL) return -1;
  *list = longer;
  return 0;
}


/* Host names the URL's own host, and how the body is framed is for whoever
** sends it: libcurl. */
static bool is_ours (const char *name) {
  static const char *const ours[] = {
    "Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"
  };
  size_t i;
  for (i = 0; i < sizeof ours / sizeof ours[0]; i++)
    if (strcasecmp(name, ours[i]) == 0) return true;
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
static int add_header (struct curl_slist **list,
                       const struct novita_json_walk *header) {
  struct novita_json values;
  struct novita_json_walk first;
  char name[128], value[LONGEST_HEADER], line[sizeof name + sizeof value + 2];
  if (!novita_json_text(header->name, name, sizeof name)) return -1;
  if (is_ours(name)) return 0;
  if (!novita_json_member(header->value, "values", &values)) return -1;
  novita_json_begin(values, &first);
  if (!novita_json_step(&first)) return 0;
  if (!novita_json_text(first.value, value, sizeof value)) return -1;
  if (!is_name(name) || !novita_header_safe(value)) return -1;
  snprintf(line, sizeof line, "%s: %s", name, value);
  return append(list, line);
}


static int read_headers (struct novita_json root, struct curl_slist **list) {
  struct novita_json headers;
  struct novita_json_walk w;
  int count = 0;
  if (append(list, "Expect:") != 0 || append(list, "Accept-Encoding:") != 0)
    return -1;  /* nothing to wait for, nothing to unpack */
  if (!novita_json_member(root, "headers", &headers)) return 0;
  for (novita_json_begin(headers, &w); novita_json_step(&w); ) {
    if (!w.object || ++count > MOST_HEADERS) return -1;
    if (add_header(list, &w) != 0) return -1;
  }
  return 0;
}


static int read_url (struct novita_json root, char **out) {
  struct novita_json url;
  char *text = malloc(LONGEST_URL);
  if (text == NULL) return -1;
  if (!novita_json_member(root, "upload_url", &url) ||
      !novita_json_text(url, text, LONGEST_URL)) {
    free(text);
    return -1;
  }
  *out = text;
  return 0;
}


int novita_presign_read (const struct novita_buffer *reply,
                         struct novita_presign *out,
                         struct novita_error *e) {
  struct novita_json root, id, inner;
  memset(out, 0, sizeof *out);
  if (!novita_json_check(reply->data, reply->len, &root))
    return malformed(e, "is not JSON");
  if (novita_json_member(root, "data", &inner)) root = inner;
  if (!novita_json_member(root, "assets_id", &id) ||
      !novita_json_text(id, out->asset_id, sizeof out->asset_id) ||
      out->asset_id[0] == '\0')
    return malformed(e, "has no assets_id");
  if (read_url(root, &out->url) != 0)
    return malformed(e, "has no upload_url");
  if (read_headers(root, &out->headers) == 0) return 0;
  curl_slist_free_all(out->headers);
  free(out->url);
  memset(out, 0, sizeof *out);
  return malformed(e, "has headers that cannot be sent");
}
