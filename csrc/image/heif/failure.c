/*
** failure.c: see failure.h
*/
#include "failure.h"


/* A file is a series of boxes: does one continue after the end? */
static bool is_cut (const struct novita_decoder *d) {
  struct novita_heif_reader r = {d->file->data, d->file->len, false};
  struct novita_heif_box box;
  while (novita_heif_reader_box(&r, &box)) continue;
  return r.bad && r.left == 0;
}


static int broken (struct novita_decoder *d, struct novita_error *e) {
  if (is_cut(d)) return novita_decoder_fail_truncated(d, e);
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "corrupt",
                          "is damaged: export or copy it again");
}


int novita_heif_failure_state (struct novita_decoder *d,
                               enum novita_heif_state state,
                               struct novita_error *e) {
  switch (state) {
    case NOVITA_HEIF_NO_MEMORY: return novita_error_set_memory(e);
    case NOVITA_HEIF_CUT: return novita_decoder_fail_truncated(d, e);
    case NOVITA_HEIF_SEQUENCE:
      if (is_cut(d)) return broken(d, e);
      return novita_heif_failure_unsupported(d, "without a single image", e);
    case NOVITA_HEIF_RARE:
      return novita_heif_failure_unsupported(d, "of a rare kind", e);
    default: return broken(d, e);
  }
}


int novita_heif_failure_set (struct novita_decoder *d, struct heif_error error,
                             struct novita_error *e) {
  switch (error.code) {
    case heif_error_Memory_allocation_error:
      if (error.subcode != heif_suberror_Security_limit_exceeded)
        return novita_error_set_memory(e);
      return novita_error_set(e, NOVITA_ERROR_IMAGE, "too_large",
                              "is larger than libheif allows: make it smaller");
    case heif_error_Unsupported_filetype: case heif_error_Unsupported_feature:
      return novita_heif_failure_unsupported(d, "of a rare kind", e);
    default: return broken(d, e);
  }
}


int novita_heif_failure_unsupported (const struct novita_decoder *d,
                                     const char *what,
                                     struct novita_error *e) {
  return novita_error_set(e, NOVITA_ERROR_IMAGE, "unsupported",
                          "is %s %s: export it as JPEG, PNG or WebP",
                          novita_format_title(d->info.format), what);
}
