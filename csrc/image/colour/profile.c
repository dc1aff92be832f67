/*
** profile.c: see profile.h
*/
#include <stdlib.h>

#include "profile.h"


void novita_profile_free (struct novita_profile *p) {
  free(p->icc);
  p->icc = NULL;
  p->len = 0;
}
