/*
** connection.h: the callbacks by which libmicrohttpd reports a request. The
** 'cls' of each is the struct novita_httpd.
*/
#ifndef novita_httpd_connection_h
#define novita_httpd_connection_h

#include <microhttpd.h>

#include "../base/func.h"

NOVITA_FUNC void *novita_connection_begin (void *cls, const char *target,
                                           struct MHD_Connection *connection);

NOVITA_FUNC enum MHD_Result
novita_connection_step (void *cls, struct MHD_Connection *connection,
                        const char *url, const char *method,
                        const char *version, const char *upload,
                        size_t *upload_size, void **con_cls);

NOVITA_FUNC void
novita_connection_end (void *cls, struct MHD_Connection *connection,
                       void **con_cls, enum MHD_RequestTerminationCode why);

#endif
