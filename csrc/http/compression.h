/*
** compression.h: which responses may be compressed, and how much a download may
** grow.
**
** libcurl decompresses what is compressed, asked for or not: some gateways
** compress everything. The limits are those of the bytes that come out. Those
** of a file are hundreds of megabytes, and libcurl makes them in a few calls,
** so a file has a limit of its growth, too.
*/
#ifndef novita_http_compression_h
#define novita_http_compression_h

#include "request_state.h"

/* for an attempt: ask for it, except for files, which do not shrink, and for
** responses of a few hundred bytes; -1 = no memory */
NOVITA_FUNC int novita_compression_ask (const struct novita_request *request);

/* while a body arrives: whether what came out so far ('result.received') is
** too much for what was received; it costs nothing measurable */
NOVITA_FUNC bool novita_compression_is_excessive (
  const struct novita_request *request);

/* the error of a download that grew too much */
NOVITA_FUNC void novita_compression_set_error (struct novita_request *request);

#endif
