/*
** limits.c: see limits.h
*/
#include "limits.h"


void novita_limits_defaults (struct novita_limits *limits) {
  limits->bytes = (size_t)256 << 20;
  limits->pixels = (uint64_t)1 << 28;
  limits->scans = 100;
  limits->output_pixels = (uint64_t)1 << 26;
  limits->output_bytes = (size_t)256 << 20;
  limits->memory = (size_t)1 << 30;
  limits->seconds = 60;
}
