/*
** compression.h: which responses may be compressed, and how much they grow.
**
** libcurl decompresses every compressed response, even if we did not ask for
** compression: some gateways compress everything. All limits count decompressed
** bytes. A response may have megabytes of them, and libcurl can produce them in
** one call, for every transfer of a client. So the growth is limited, too.
*/
#ifndef novita_http_compression_h
#define novita_http_compression_h

#include "request_state.h"

/* for an attempt: ask for compression, except of files, which do not shrink,
** and of responses of a few hundred bytes; -1 on out-of-memory */
NOVITA_FUNC int novita_compression_ask (const struct novita_request *request);

/* while a body arrives: whether its decompressed size so far
** ('result.received') is too large for the bytes that arrived; the cost is not
** measurable */
NOVITA_FUNC bool novita_compression_is_excessive (
  const struct novita_request *request);

/* the error of a response that grew too much */
NOVITA_FUNC void novita_compression_set_error (struct novita_request *request);

#endif
