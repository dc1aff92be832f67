/*
** presign.h: the response of POST /v3/assets/training_dataset ("Training
** dataset upload URL"): where to PUT one photo, and its asset id.
*/
#ifndef novita_http_presign_h
#define novita_http_presign_h

#include <curl/curl.h>
#include <stdbool.h>

#include "../base/buffer.h"
#include "../base/error.h"

#define NOVITA_ASSET_ID 128  /* bytes, NUL included; real ids have 32 digits */

struct novita_presign {
  char asset_id[NOVITA_ASSET_ID];
  char *url;                   /* malloc'd; a secret */
  struct curl_slist *headers;  /* to send with the PUT */
};

/* whether the response is the older envelope {code, msg, data} with an error
** code */
NOVITA_FUNC bool novita_presign_refused (const struct novita_buffer *response);

/* read the API's response; on -1 nothing needs to be freed */
NOVITA_FUNC int novita_presign_read (const struct novita_buffer *response,
                                     struct novita_presign *out,
                                     struct novita_error *e);

#endif
