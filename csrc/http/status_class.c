/*
** status_class.c: see status_class.h
*/
#include <limits.h>
#include <stddef.h>

#include "status_class.h"


static const struct {
  long first, last;
  enum novita_status_class class;
} ranges[] = {  /* the first match counts */
  {200, 299, NOVITA_STATUS_CLASS_OK},
  {401, 403, NOVITA_STATUS_CLASS_ACCOUNT},
  {404, 404, NOVITA_STATUS_CLASS_NOT_FOUND},
  {408, 408, NOVITA_STATUS_CLASS_AMBIGUOUS},
  {429, 429, NOVITA_STATUS_CLASS_LATER},
  {499, 499, NOVITA_STATUS_CLASS_AMBIGUOUS},  /* a gateway's: it gave up */
  {400, 499, NOVITA_STATUS_CLASS_REFUSED},
  {501, 501, NOVITA_STATUS_CLASS_PERMANENT},
  {505, 505, NOVITA_STATUS_CLASS_PERMANENT},
  {500, LONG_MAX, NOVITA_STATUS_CLASS_AMBIGUOUS}
};

static const char *const names[] = {
  "ok", "unexpected", "refused", "account", "not_found", "later", "permanent",
  "ambiguous"
};

/* The names of these codes are in lua/novita/http/error_codes.lua. */
static const struct { int code; long status; } legacy[] = {
  {-1, 500}, {1, 400}, {2, 400}, {3, 404}, {4, 403}, {5, 503}, {6, 400},
  {7, 400}, {8, 400}, {9, 504}, {10, 400}, {11, 400}
};


enum novita_status_class novita_status_class_of (long status) {
  size_t i;
  for (i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
    if (status >= ranges[i].first && status <= ranges[i].last)
      return ranges[i].class;
  return NOVITA_STATUS_CLASS_UNEXPECTED;
}


const char *novita_status_class_name (enum novita_status_class class) {
  return names[class];
}


bool novita_status_class_is_transient (enum novita_status_class class) {
  return class == NOVITA_STATUS_CLASS_LATER ||
         class == NOVITA_STATUS_CLASS_AMBIGUOUS;
}


long novita_status_class_legacy (int code) {
  size_t i;
  for (i = 0; i < sizeof legacy / sizeof legacy[0]; i++)
    if (legacy[i].code == code) return legacy[i].status;
  return 0;
}
