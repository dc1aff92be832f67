/*
** global.h: the initialization of libcurl.
*/
#ifndef novita_http_global_h
#define novita_http_global_h

#include "../base/error.h"

/* curl_global_init, once per process and thread safe. -1 also if libcurl is
** older than the version that novita was compiled for. */
NOVITA_FUNC int novita_http_global (struct novita_error *e);

#endif
