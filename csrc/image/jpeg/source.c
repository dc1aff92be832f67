/*
** source.c: feeds libjpeg from the window of a file. The window grows while the
** header is read, and slides after that.
*/
#include "decode.h"


static void source_nothing (j_decompress_ptr cinfo) {
  (void)cinfo;
}


/* replaces missing bytes */
static const JOCTET end_mark[] = {0xff, JPEG_EOI};

/* Has each coefficient of a progressive file all its bits? */
static bool is_refined (const struct novita_jpeg *j) {
  int i, k;
  for (i = 0; i < j->cinfo.num_components; i++)
    for (k = 0; k < DCTSIZE2; k++)
      if (j->cinfo.coef_bits[i][k] != 0) return false;
  return true;
}


/* Could the file be complete without its end marker? Arithmetic coding omits
** zeros at the end, so nothing shows that some are missing; and a sequential
** file of several scans may miss whole components. */
static bool may_be_complete (struct novita_jpeg *j) {
  if (!j->started || j->cinfo.arith_code) return false;
  if (!j->several_scans) return true;
  return j->cinfo.progressive_mode && j->cinfo.coef_bits != NULL &&
         is_refined(j);
}


/* libjpeg gets an end marker. If it needs more than there is, the file is
** truncated: it warns (see guard.c) and fills the rest with gray. */
static void end_input (struct novita_jpeg *j) {
  if (!may_be_complete(j)) {
    novita_decoder_fail_truncated(j->d, j->e);
    if (!j->d->lenient || !j->started) longjmp(j->escape, 1);
  }
  j->ended = j->d->unended = true;
  j->source.next_input_byte = end_mark;
  j->source.bytes_in_buffer = sizeof end_mark;
}


/* The whole header stays in the window, because others search it too. */
static boolean fill_input_buffer (j_decompress_ptr cinfo) {
  struct novita_jpeg *j = cinfo->client_data;
  struct novita_source_reader *file = j->d->file;
  size_t end = file->at + file->len;
  int r = j->started ? novita_source_seek(file, end, j->e)
                     : novita_source_read_more(file, j->e);
  if (r != 0) longjmp(j->escape, 1);
  j->source.next_input_byte = file->data + (end - file->at);
  j->source.bytes_in_buffer = file->at + file->len - end;
  if (j->source.bytes_in_buffer == 0) end_input(j);
  return TRUE;
}


static void skip_input_data (j_decompress_ptr cinfo, long n) {
  struct jpeg_source_mgr *source = cinfo->src;
  while (n > 0 && (size_t)n > source->bytes_in_buffer) {
    n -= (long)source->bytes_in_buffer;
    fill_input_buffer(cinfo);
    if (source->next_input_byte == end_mark) return;
  }
  if (n <= 0) return;
  source->next_input_byte += n;
  source->bytes_in_buffer -= (size_t)n;
}


int novita_jpeg_source_rewind (struct novita_jpeg *j, struct novita_error *e) {
  struct novita_source_reader *file = j->d->file;
  if (novita_source_seek(file, j->scan, e) != 0) return -1;
  j->source.next_input_byte = file->data;
  j->source.bytes_in_buffer = file->len;
  return 0;
}


void novita_jpeg_source_attach (struct novita_jpeg *j) {
  struct jpeg_source_mgr *source = j->cinfo.src = &j->source;
  source->init_source = source_nothing;
  source->fill_input_buffer = fill_input_buffer;
  source->skip_input_data = skip_input_data;
  source->resync_to_restart = jpeg_resync_to_restart;
  source->term_source = source_nothing;
  source->next_input_byte = j->d->file->data;
  source->bytes_in_buffer = j->d->file->len;
}
