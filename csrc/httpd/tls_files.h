/*
** tls_files.h: the certificate and the key of a server, read from files.
*/
#ifndef novita_httpd_tls_files_h
#define novita_httpd_tls_files_h

#include <stddef.h>

#include "../base/func.h"

struct novita_tls_files {
  char *certificate, *key;   /* PEM; NULL: not read */
};

/* both names may be NULL: no TLS. -1: 'error' names the file */
NOVITA_FUNC int novita_tls_files_read (struct novita_tls_files *files,
                                       const char *certificate,
                                       const char *key,
                                       char *error, size_t size);
/* the key is overwritten */
NOVITA_FUNC void novita_tls_files_free (struct novita_tls_files *files);

#endif
