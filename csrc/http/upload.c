/*
** upload.c: see upload.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "../base/clock.h"
#include "status_class.h"
#include "upload.h"

#define RESPONSE_LIMIT (64 * 1024)
#define MOST_RENEWALS 5

static void admit (struct novita_upload_queue *u);
static void ask_for_url (struct novita_upload *up);


void novita_upload_queue_init (struct novita_upload_queue *u, struct novita_pool *pool,
                          int most) {
  memset(u, 0, sizeof *u);
  u->pool = pool;
  u->most = most;
}


void novita_upload_init (struct novita_upload *up) {
  memset(up, 0, sizeof *up);
  up->body.fd = -1;
  up->deadline = NOVITA_NEVER;
  novita_error_clear(&up->error);
  novita_buffer_init(&up->response, RESPONSE_LIMIT);
  novita_request_init(&up->request, RESPONSE_LIMIT);
}


void novita_upload_free (struct novita_upload *up) {
  novita_request_free(&up->request);
  novita_buffer_free(&up->response);
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


static void put_in (struct novita_upload_queue *u, struct novita_upload *up) {
  up->next = NULL;
  up->prev = u->last;
  if (u->last != NULL) u->last->next = up;
  else u->first = up;
  u->last = up;
}


/* one that waits for a place */
static void take_out (struct novita_upload_queue *u, struct novita_upload *up) {
  if (up->prev != NULL) up->prev->next = up->next;
  else u->first = up->next;
  if (up->next != NULL) up->next->prev = up->prev;
  else u->last = up->prev;
}


static void admit (struct novita_upload_queue *u) {
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
static void keep_response (struct novita_upload *up) {
  struct novita_buffer empty = up->response;
  up->response = up->request.response;
  up->request.response = empty;
  up->status = up->request.status;
  up->retry_after = up->request.retry_after;
}


static void refuse (struct novita_upload *up, const char *step) {
  keep_response(up);
  novita_error_set(&up->error, NOVITA_ERROR_HTTP, "status",
              "%s:%d answered %ld to the %s", up->request.origin.host,
              up->request.origin.port, up->status, step);
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
static bool wants_renewal (const struct novita_request *request) {
  if (request->status != 403 && request->status != 400) return false;
  return contains(&request->response, "xpired") ||
         contains(&request->response, "<Code>RequestTimeout</Code>");
}

/* }====== */


static void put_done (struct novita_request *request) {
  struct novita_upload *up =
    NOVITA_CONTAINER_OF(request, struct novita_upload, request);
  if (request->error.kind != NOVITA_ERROR_NONE) up->error = request->error;
  else if (novita_status_class_of(request->status) ==
           NOVITA_STATUS_CLASS_OK)
    novita_error_clear(&up->error);
  else if (wants_renewal(request) && up->renewals < MOST_RENEWALS) {
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
  if (longer == NULL) return novita_error_set_memory(&up->error);
  *headers = longer;
  return 0;
}


/* What 'to' holds is the call's from here on. */
static void send_bytes (struct novita_upload *up, struct novita_presign *to) {
  struct novita_request *request = &up->request;
  int typed = name_type(up, &to->headers);
  free(request->url);
  curl_slist_free_all(request->headers);
  request->url = to->url;
  request->headers = to->headers;
  request->method = NOVITA_METHOD_PUT;
  request->flags = NOVITA_REQUEST_BULK;
  request->try_seconds = 0;  /* a slow line may need long */
  request->body = up->body;
  request->done = put_done;
  if (typed != 0 ||
      novita_request_start(up->uploads->pool, request, &up->error) != 0)
    finish(up);
}


static void url_done (struct novita_request *request) {
  struct novita_upload *up =
    NOVITA_CONTAINER_OF(request, struct novita_upload, request);
  struct novita_presign to;
  if (request->error.kind != NOVITA_ERROR_NONE) up->error = request->error;
  else if (request->status != 200 || novita_presign_refused(&request->response))
    refuse(up, "request for an upload URL");
  else if (novita_presign_read(&request->response, &to, &up->error) == 0) {
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
  struct novita_request *request = &up->request;
  struct novita_pool *pool = up->uploads->pool;
  free(request->url);
  curl_slist_free_all(request->headers);
  request->headers = NULL;
  request->url = join(pool->base_url, "/v3/assets/training_dataset");
  request->method = NOVITA_METHOD_POST;
  request->flags = NOVITA_REQUEST_AUTHENTICATED;
  request->body.bytes = question(up->extension);
  request->body.len = strlen(request->body.bytes);
  request->deadline = up->deadline;
  request->try_seconds = up->try_seconds;
  request->done = url_done;
  if (request->url == NULL) novita_error_set_memory(&up->error);
  else if (novita_request_start(pool, request, &up->error) == 0) return;
  finish(up);
}


static void upload_cancel (struct novita_op *op) {
  struct novita_upload *up = (struct novita_upload *)op;
  if (!up->placed) take_out(up->uploads, up);
  novita_request_cancel(&up->request);
  leave_place(up);
  admit(up->uploads);
}


static const struct novita_op_class upload_class = {"upload", upload_cancel};


void novita_upload_start (struct novita_upload_queue *u, struct novita_upload *up) {
  novita_op_begin(&up->op, &upload_class, u->pool->loop);
  up->uploads = u;
  put_in(u, up);
  admit(u);
}


uint64_t novita_upload_sent_bytes (const struct novita_upload *up) {
  if (up->op.state != NOVITA_OP_RUNNING)
    return up->error.kind == NOVITA_ERROR_NONE ? up->body.len : 0;
  return up->request.method == NOVITA_METHOD_PUT ? up->request.sent_bytes : 0;
}
