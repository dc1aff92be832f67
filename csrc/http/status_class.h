/*
** status_class.h: what an HTTP status means for a request. No other file has
** such a table; scripts read it as core.status_class. All code that retries,
** gives up or pays uses it.
**
**              may a retry help?   was a paid request carried out?
**   ok               -              yes
**   unexpected       no             unknown
**   refused          no             no
**   account          no             no; every other request is refused too
**   not_found        no             no
**   later            yes            no
**   permanent        no             unknown
**   ambiguous        yes            unknown
**
** "No" holds only for a response with one of the API's reasons: a gateway may
** send any status after the API has done the work. See
** error_codes.made_nothing.
*/
#ifndef novita_http_status_class_h
#define novita_http_status_class_h

#include <stdbool.h>

#include "../base/func.h"

enum novita_status_class {
  NOVITA_STATUS_CLASS_OK,          /* 2xx */
  NOVITA_STATUS_CLASS_UNEXPECTED,  /* 1xx, 3xx, other numbers */
  NOVITA_STATUS_CLASS_REFUSED,     /* the other 4xx */
  NOVITA_STATUS_CLASS_ACCOUNT,     /* 401, 402, 403: the key, the balance */
  NOVITA_STATUS_CLASS_NOT_FOUND,   /* 404 */
  NOVITA_STATUS_CLASS_LATER,       /* 429 */
  NOVITA_STATUS_CLASS_PERMANENT,   /* 501, 505: the server cannot do it */
  NOVITA_STATUS_CLASS_AMBIGUOUS    /* 408, 499, the other 5xx */
};

NOVITA_FUNC enum novita_status_class novita_status_class_of (long status);

/* the name that scripts see, in lower case: "not_found" */
NOVITA_FUNC const char *novita_status_class_name (
  enum novita_status_class class);

/* whether the same request may succeed later: 'later' and 'ambiguous' */
NOVITA_FUNC bool novita_status_class_is_transient (
  enum novita_status_class class);

/* The API's older envelope {code, msg, data} comes with status 200: the
** status that its code stands for; 0 for a code that no page documents. */
NOVITA_FUNC long novita_status_class_legacy (int code);

#endif
