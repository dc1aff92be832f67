/*
** upload.c: see upload.h
*/
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../base/clock.h"
#include "status_class.h"
#include "upload.h"

#define RESPONSE_LIMIT (64 * 1024)
#define MOST_RENEWALS 5

static void request_url (struct novita_upload *up);


void novita_upload_queue_init (struct novita_upload_queue *queue,
                               struct novita_pool *pool, int slots) {
  memset(queue, 0, sizeof *queue);
  queue->pool = pool;
  queue->slots = slots;
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


/* {====== slots ====== */

static void leave_slot (struct novita_upload *up) {
  if (!up->active) return;
  up->active = false;
  up->queue->active--;
}


/* An upload that cannot start ends at once, which admits again: the loop is
** already there. */
static void admit (struct novita_upload_queue *queue) {
  struct novita_list_node *node;
  if (queue->admitting) return;
  queue->admitting = true;
  while (queue->active < queue->slots &&
         (node = novita_list_pop(&queue->waiting)) != NULL) {
    struct novita_upload *up =
      NOVITA_CONTAINER_OF(node, struct novita_upload, node);
    queue->active++;
    up->active = true;
    request_url(up);
  }
  queue->admitting = false;
}


static void finish (struct novita_upload *up) {
  leave_slot(up);
  novita_op_finish(&up->op);
  admit(up->queue);
}

/* }====== */


/* {====== responses ====== */

/* Keep the refusal for a higher level, which knows the API's errors. */
static void keep_response (struct novita_upload *up) {
  struct novita_request_result *result = &up->request.result;
  struct novita_buffer empty = up->response;
  up->response = result->response;
  result->response = empty;
  up->status = result->status;
  up->retry_after = result->retry_after;
}


static void refuse (struct novita_upload *up, const char *step) {
  const struct novita_origin *origin = &up->request.result.origin;
  keep_response(up);
  novita_error_set(&up->error, NOVITA_ERROR_HTTP, "status",
                   "%s:%d answered %ld to the %s", origin->host, origin->port,
                   up->status, step);
}


static bool contains (const struct novita_buffer *text, const char *word) {
  size_t n = strlen(word), i;
  for (i = 0; text->len >= n && i + n <= text->len; i++)
    if (memcmp(text->data + i, word, n) == 0) return true;
  return false;
}


/* S3 sends 403 AccessDenied "Request has expired" (and ExpiredToken for the
** signer's own credentials), and 400 RequestTimeout after a stalled upload. A
** new URL helps in each case. */
static bool needs_new_url (const struct novita_request_result *result) {
  if (result->status != 403 && result->status != 400) return false;
  return contains(&result->response, "xpired") ||
         contains(&result->response, "<Code>RequestTimeout</Code>");
}

/* }====== */


/* {====== the PUT ====== */

static void put_done (struct novita_request *request) {
  struct novita_upload *up =
    NOVITA_CONTAINER_OF(request, struct novita_upload, request);
  const struct novita_request_result *result = &request->result;
  if (result->error.kind != NOVITA_ERROR_NONE) up->error = result->error;
  else if (novita_status_class_of(result->status) == NOVITA_STATUS_CLASS_OK)
    novita_error_clear(&up->error);
  else if (needs_new_url(result) && up->renewals < MOST_RENEWALS) {
    up->renewals++;
    request_url(up);
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


static bool has_content_type (const struct curl_slist *list) {
  for (; list != NULL; list = list->next)
    if (curl_strnequal(list->data, "Content-Type:", 13)) return true;
  return false;
}


static int add_content_type (struct novita_upload *up,
                             struct curl_slist **headers) {
  struct curl_slist *longer;
  if (has_content_type(*headers)) return 0;
  longer = curl_slist_append(*headers, content_type(up->extension));
  if (longer == NULL) return novita_error_set_memory(&up->error);
  *headers = longer;
  return 0;
}


/* The request takes over the memory that 'to' points to. */
static void send_put (struct novita_upload *up, struct novita_presign *to) {
  struct novita_request_options *options = &up->request.options;
  int r = add_content_type(up, &to->headers);
  free(options->url);
  curl_slist_free_all(options->headers);
  options->url = to->url;
  options->headers = to->headers;
  options->method = NOVITA_METHOD_PUT;
  options->flags = NOVITA_REQUEST_BULK;
  options->try_seconds = 0;  /* a slow connection may need long */
  options->body = up->body;
  options->done = put_done;
  if (r != 0 ||
      novita_request_start(up->queue->pool, &up->request, &up->error) != 0)
    finish(up);
}

/* }====== */


/* {====== the presign ====== */

static void url_done (struct novita_request *request) {
  struct novita_upload *up =
    NOVITA_CONTAINER_OF(request, struct novita_upload, request);
  const struct novita_request_result *result = &request->result;
  struct novita_presign to;
  if (result->error.kind != NOVITA_ERROR_NONE) up->error = result->error;
  else if (novita_status_class_of(result->status) != NOVITA_STATUS_CLASS_OK ||
           novita_presign_refused(&result->response))
    refuse(up, "request for an upload URL");
  else if (novita_presign_read(&result->response, &to, &up->error) == 0) {
    memcpy(up->asset_id, to.asset_id, sizeof up->asset_id);
    send_put(up, &to);
    return;
  }
  finish(up);
}


/* static strings, so the request need not copy them */
static const char *presign_body (const char *extension) {
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


static void paused (struct novita_request *request) {
  struct novita_upload *up =
    NOVITA_CONTAINER_OF(request, struct novita_upload, request);
  novita_op_changed(&up->op);
}


static void request_url (struct novita_upload *up) {
  struct novita_request_options *options = &up->request.options;
  struct novita_pool *pool = up->queue->pool;
  free(options->url);
  curl_slist_free_all(options->headers);
  options->headers = NULL;
  options->url = join(pool->server.base_url, "/v3/assets/training_dataset");
  options->method = NOVITA_METHOD_POST;
  options->flags = NOVITA_REQUEST_AUTHENTICATED;
  options->body.bytes = presign_body(up->extension);
  options->body.len = strlen(options->body.bytes);
  options->deadline = up->deadline;
  options->try_seconds = up->try_seconds;
  options->done = url_done;
  options->paused = paused;
  if (options->url == NULL) novita_error_set_memory(&up->error);
  else if (novita_request_start(pool, &up->request, &up->error) == 0) return;
  finish(up);
}

/* }====== */


static void upload_cancel (struct novita_op *op) {
  struct novita_upload *up = (struct novita_upload *)op;
  if (!up->active) novita_list_remove(&up->queue->waiting, &up->node);
  novita_request_cancel(&up->request);
  leave_slot(up);
  admit(up->queue);
}


static const struct novita_op_class upload_class = {"upload", upload_cancel};


void novita_upload_start (struct novita_upload_queue *queue,
                          struct novita_upload *up) {
  novita_op_begin(&up->op, &upload_class, queue->pool->loop);
  up->queue = queue;
  novita_list_append(&queue->waiting, &up->node);
  admit(queue);
}


uint64_t novita_upload_sent_bytes (const struct novita_upload *up) {
  if (up->op.state != NOVITA_OP_RUNNING)
    return up->error.kind == NOVITA_ERROR_NONE ? up->body.len : 0;
  if (up->request.options.method != NOVITA_METHOD_PUT) return 0;
  return up->request.result.sent_bytes;
}
