/*
** upload.c: see upload.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/clock.h"
#include "upload.h"

#define REPLY_LIMIT (64 * 1024)
#define MOST_RENEWALS 5

static void admit (struct novita_uploads *u);
static void ask_for_url (struct novita_upload *up);


void novita_uploads_init (struct novita_uploads *u, struct novita_http *http,
                          int most) {
  memset(u, 0, sizeof *u);
  u->http = http;
  u->most = most;
}


void novita_upload_init (struct novita_upload *up) {
  memset(up, 0, sizeof *up);
  up->body.fd = -1;
  up->deadline = NOVITA_NEVER;
  novita_error_clear(&up->error);
  novita_buffer_init(&up->answer, REPLY_LIMIT);
  novita_call_init(&up->call, REPLY_LIMIT);
}


void novita_upload_free (struct novita_upload *up) {
  novita_call_free(&up->call);
  novita_buffer_free(&up->answer);
}


/* {====== places ====== */

static void leave_place (struct novita_upload *up) {
  if (!up->placed) return;
  up->placed = false;
  up->uploads->active--;
}


static void finish (struct novita_upload *up) {
  leave_place(up);
  novita_op_finish(&up->op);
  admit(up->uploads);
}


static void put_in (struct novita_uploads *u, struct novita_upload *up) {
  up->next = NULL;
  up->prev = u->last;
  if (u->last != NULL) u->last->next = up;
  else u->first = up;
  u->last = up;
}


/* one that waits for a place */
static void take_out (struct novita_uploads *u, struct novita_upload *up) {
  if (up->prev != NULL) up->prev->next = up->next;
  else u->first = up->next;
  if (up->next != NULL) up->next->prev = up->prev;
  else u->last = up->prev;
}


static void admit (struct novita_uploads *u) {
  while (u->first != NULL && u->active < u->most) {
    struct novita_upload *up = u->first;
    take_out(u, up);
    u->active++;
    up->placed = true;
    ask_for_url(up);
  }
}

/* }====== */


/* {====== what an answer means ====== */

/* Keep a refusing answer for the floor above, which knows the API's words. */
static void keep_answer (struct novita_upload *up) {
  struct novita_buffer empty = up->answer;
  up->answer = up->call.reply;
  up->call.reply = empty;
  up->status = up->call.status;
  up->retry_after = up->call.retry_after;
}


static void refuse (struct novita_upload *up, const char *step) {
  keep_answer(up);
  novita_fail(&up->error, NOVITA_HTTP, "status",
              "%s:%d answered %ld to the %s", up->call.origin.host,
              up->call.origin.port, up->status, step);
}


static bool contains (const struct novita_buffer *text, const char *word) {
  size_t n = strlen(word), i;
  for (i = 0; text->len >= n && i + n <= text->len; i++)
    if (memcmp(text->data + i, word, n) == 0) return true;
  return false;
}


/* S3 says 403 AccessDenied "Request has expired" (and ExpiredToken for the
** signer's own credentials), and 400 RequestTimeout after a line that stood
** still; all are cured by a new URL. */
static bool wants_renewal (const struct novita_call *call) {
  if (call->status != 403 && call->status != 400) return false;
  return contains(&call->reply, "xpired") ||
         contains(&call->reply, "<Code>RequestTimeout</Code>");
}

/* }====== */


static void put_done (struct novita_call *call) {
  struct novita_upload *up = (struct novita_upload *)
    ((char *)call - offsetof(struct novita_upload, call));
  if (call->error.kind != NOVITA_OK) up->error = call->error;
  else if (call->status >= 200 && call->status < 300)
    novita_error_clear(&up->error);
  else if (wants_renewal(call) && up->renewals < MOST_RENEWALS) {
    up->renewals++;
    ask_for_url(up);
    return;
  }
  else refuse(up, "upload");
  finish(up);
}


static const char *content_type (const char *extension) {
  if (strcmp(extension, "png") == 0) return "Content-Type: image/png";
  if (strcmp(extension, "webp") == 0) return "Content-Type: image/webp";
  return "Content-Type: image/jpeg";
}


static bool names_type (const struct curl_slist *list) {
  for (; list != NULL; list = list->next)
    if (strncasecmp(list->data, "Content-Type:", 13) == 0) return true;
  return false;
}


static int name_type (struct novita_upload *up, struct curl_slist **headers) {
  struct curl_slist *longer;
  if (names_type(*headers)) return 0;
  longer = curl_slist_append(*headers, content_type(up->extension));
  if (longer == NULL) return novita_fail_memory(&up->error);
  *headers = longer;
  return 0;
}


/* What 'to' holds is the call's from here on. */
static void send_bytes (struct novita_upload *up, struct novita_presign *to) {
  struct novita_call *call = &up->call;
  int typed = name_type(up, &to->headers);
  free(call->url);
  curl_slist_free_all(call->headers);
  call->url = to->url;
  call->headers = to->headers;
  call->method = NOVITA_PUT;
  call->flags = NOVITA_BULK;
  call->try_seconds = 0;  /* a slow line may need long */
  call->body = up->body;
  call->done = put_done;
  if (typed != 0 ||
      novita_call_start(up->uploads->http, call, &up->error) != 0)
    finish(up);
}


static void url_done (struct novita_call *call) {
  struct novita_upload *up = (struct novita_upload *)
    ((char *)call - offsetof(struct novita_upload, call));
  struct novita_presign to;
  if (call->error.kind != NOVITA_OK) up->error = call->error;
  else if (call->status != 200 || novita_presign_refused(&call->reply))
    refuse(up, "request for an upload URL");
  else if (novita_presign_read(&call->reply, &to, &up->error) == 0) {
    memcpy(up->asset_id, to.asset_id, sizeof up->asset_id);
    send_bytes(up, &to);
    return;
  }
  finish(up);
}


/* {"file_extension":"jpeg"}: the words live as long as the program */
static const char *question (const char *extension) {
  if (strcmp(extension, "png") == 0) return "{\"file_extension\":\"png\"}";
  if (strcmp(extension, "webp") == 0) return "{\"file_extension\":\"webp\"}";
  return "{\"file_extension\":\"jpeg\"}";
}


static char *join (const char *base, const char *path) {
  size_t size = strlen(base) + strlen(path) + 1;
  char *url = malloc(size);
  if (url != NULL) snprintf(url, size, "%s%s", base, path);
  return url;
}


static void ask_for_url (struct novita_upload *up) {
  struct novita_call *call = &up->call;
  struct novita_http *http = up->uploads->http;
  free(call->url);
  curl_slist_free_all(call->headers);
  call->headers = NULL;
  call->url = join(http->base_url, "/v3/assets/training_dataset");
  call->method = NOVITA_POST;
  call->flags = NOVITA_KEYED;
  call->body.bytes = question(up->extension);
  call->body.len = strlen(call->body.bytes);
  call->deadline = up->deadline;
  call->try_seconds = up->try_seconds;
  call->done = url_done;
  if (call->url == NULL) novita_fail_memory(&up->error);
  else if (novita_call_start(http, call, &up->error) == 0) return;
  finish(up);
}


static void upload_cancel (struct novita_op *op) {
  struct novita_upload *up = (struct novita_upload *)op;
  if (!up->placed) take_out(up->uploads, up);
  novita_call_cancel(&up->call);
  leave_place(up);
  admit(up->uploads);
}


static const struct novita_op_class upload_class = {"upload", upload_cancel};


void novita_upload_start (struct novita_uploads *u, struct novita_upload *up) {
  novita_op_begin(&up->op, &upload_class, u->http->loop);
  up->uploads = u;
  put_in(u, up);
  admit(u);
}


uint64_t novita_upload_moved (const struct novita_upload *up) {
  if (up->op.state != NOVITA_OP_RUNNING)
    return up->error.kind == NOVITA_OK ? up->body.len : 0;
  return up->call.method == NOVITA_PUT ? up->call.moved : 0;
}
