/*
** guard.c: see guard.h
*/
#include "guard.h"

#include <jerror.h>


static struct novita_jpeg *self (j_common_ptr cinfo) {
  return cinfo->client_data;
}


int novita_jpeg_guard_call (struct novita_jpeg *j,
                            void (*step) (struct novita_jpeg *j),
                            struct novita_error *e) {
  j->e = e;
  if (setjmp(j->escape) != 0) return -1;
  step(j);
  return 0;
}


static bool is_unsupported (int code) {
  return code == JERR_ARITH_NOTIMPL || code == JERR_BAD_PRECISION ||
         code == JERR_CONVERSION_NOTIMPL || code == JERR_SOF_UNSUPPORTED ||
         code == JERR_BAD_J_COLORSPACE || code == JERR_COMPONENT_COUNT ||
         code == JERR_FRACT_SAMPLE_NOTIMPL || code == JERR_CCIR601_NOTIMPL;
}


uint64_t novita_jpeg_guard_coefficients (const struct novita_jpeg *j) {
  const jpeg_component_info *ci = j->cinfo.comp_info;
  uint64_t blocks = 0;
  int i;
  for (i = 0; i < j->cinfo.num_components; i++)
    blocks += (uint64_t)ci[i].width_in_blocks * ci[i].height_in_blocks;
  return blocks * sizeof(JBLOCK);
}


static void fail_memory_limit (struct novita_jpeg *j) {
  uint64_t least = (uint64_t)j->d->limits.memory + 1, all;
  all = novita_jpeg_guard_coefficients(j);
  novita_decoder_check_memory(j->d, all > least ? all : least, j->e);
}


static void error_exit (j_common_ptr cinfo) {
  struct novita_jpeg *j = self(cinfo);
  char text[JMSG_LENGTH_MAX];
  int code = cinfo->err->msg_code;
  cinfo->err->format_message(cinfo, text);
  if (code == JERR_OUT_OF_MEMORY)
    novita_error_set_memory(j->e);
  else if (code == JERR_NO_BACKING_STORE)
    fail_memory_limit(j);
  else if (is_unsupported(code))
    novita_error_set(j->e, NOVITA_ERROR_IMAGE, "unsupported",
                     "is a JPEG of a rare kind (%s): export it again", text);
  else
    novita_error_set(j->e, NOVITA_ERROR_IMAGE, "corrupt",
                     "is a damaged JPEG (%s): export or copy it again", text);
  longjmp(j->escape, 1);
}


/* Warnings that mean lost pixels; all others are harmless. */
static bool loses_pixels (int code) {
  return code == JWRN_HIT_MARKER || code == JWRN_HUFF_BAD_CODE ||
         code == JWRN_MUST_RESYNC || code == JWRN_ARITH_BAD_CODE;
}


static void lose_pixels (struct novita_jpeg *j, j_common_ptr cinfo) {
  if (!j->ended && !j->d->lenient) error_exit(cinfo);
  if (j->ended) novita_decoder_fail_truncated(j->d, j->e);
  if (!j->d->lenient) longjmp(j->escape, 1);
  j->d->truncated = true;
}


static void emit_message (j_common_ptr cinfo, int level) {
  struct novita_jpeg *j = self(cinfo);
  int code = cinfo->err->msg_code;
  if (level >= 0) return;
  if (code == JWRN_EXTRANEOUS_DATA) j->d->unended = true;
  if (loses_pixels(code) ||
      (code == JWRN_EXTRANEOUS_DATA && j->ended && j->several_scans))
    lose_pixels(j, cinfo);
}


static void output_message (j_common_ptr cinfo) {
  (void)cinfo;
}


/* A few kilobytes can hold thousands of scans of the whole image, and libjpeg
** reads all of them before the first row. */
static void count_scans (j_common_ptr cinfo) {
  struct novita_jpeg *j = self(cinfo);
  if (novita_decoder_check_time(j->d, j->e) != 0) longjmp(j->escape, 1);
  if (j->cinfo.input_scan_number <= j->d->limits.scans) return;
  novita_error_set(j->e, NOVITA_ERROR_IMAGE, "too_large",
                   "has more than %d scans: export it again",
                   j->d->limits.scans);
  longjmp(j->escape, 1);
}


void novita_jpeg_guard_attach (struct novita_jpeg *j,
                               struct novita_decoder *d) {
  j->d = d;
  j->cinfo.err = jpeg_std_error(&j->manager);
  j->manager.error_exit = error_exit;
  j->manager.emit_message = emit_message;
  j->manager.output_message = output_message;
  j->cinfo.client_data = j;
  j->progress.progress_monitor = count_scans;
}
