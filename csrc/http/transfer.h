/*
** transfer.h: the options and callbacks of an easy handle, for one attempt of
** a request.
*/
#ifndef novita_http_transfer_h
#define novita_http_transfer_h

#include "api_server.h"
#include "request_state.h"

/* an easy handle with the options that all transfers of a server share; NULL
** on out-of-memory */
NOVITA_FUNC CURL *novita_transfer_new_easy (
  const struct novita_api_server *server);
/* set the options of this request's handle, which then can be added to the
** multi handle; -1 on out-of-memory */
NOVITA_FUNC int novita_transfer_setup (const struct novita_api_server *server,
                                       struct novita_request *request);
/* read the results that libcurl keeps in the handle */
NOVITA_FUNC void novita_transfer_read (struct novita_request *request);

#endif
