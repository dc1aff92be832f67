/*
** library.h: libheif, which reads HEIC and AVIF. It is loaded when the first
** such file is opened: the core is built without it, and runs without it.
**
** The declarations below are the part of libheif.so.1's ABI that is used here.
** spec/image/heif_library_spec.lua compares them with libheif's own header.
*/
#ifndef novita_image_heif_library_h
#define novita_image_heif_library_h

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../../base/func.h"

#ifndef LIBHEIF_HEIF_H  /* libheif's own header */
enum heif_error_code {
  heif_error_Ok = 0,
  heif_error_Unsupported_filetype = 3,
  heif_error_Unsupported_feature = 4,
  heif_error_Memory_allocation_error = 6,
  heif_error_Color_profile_does_not_exist = 10
};
enum heif_suberror_code { heif_suberror_Security_limit_exceeded = 1000 };
enum heif_compression_format {
  heif_compression_HEVC = 1,
  heif_compression_AV1 = 4
};
enum heif_colorspace { heif_colorspace_RGB = 1 };
enum heif_chroma { heif_chroma_444 = 3 };
enum heif_channel {
  heif_channel_R = 3,
  heif_channel_G = 4,
  heif_channel_B = 5,
  heif_channel_Alpha = 6
};
enum heif_color_primaries { heif_color_primaries_unspecified = 2 };
enum heif_transfer_characteristics {
  heif_transfer_characteristic_unspecified = 2
};
enum heif_matrix_coefficients { heif_matrix_coefficients_unspecified = 2 };
enum heif_progress_step { heif_progress_step_total = 0 };

struct heif_context;
struct heif_image_handle;
struct heif_image;
struct heif_reading_options;
struct heif_init_params;

struct heif_error {
  enum heif_error_code code;
  enum heif_suberror_code subcode;
  const char *message;
};

/* its first members; longer in newer versions, and allocated by libheif */
struct heif_color_profile_nclx {
  uint8_t version;
  enum heif_color_primaries color_primaries;
  enum heif_transfer_characteristics transfer_characteristics;
  enum heif_matrix_coefficients matrix_coefficients;
  uint8_t full_range_flag;
};
struct heif_decoding_options {
  uint8_t version;
  uint8_t ignore_transformations;
  void (*start_progress) (enum heif_progress_step, int, void *);
  void (*on_progress) (enum heif_progress_step, int, void *);
  void (*end_progress) (enum heif_progress_step, void *);
  void *progress_user_data;
  uint8_t convert_hdr_to_8bit;  /* since version 2 */
  uint8_t strict_decoding;      /* since version 3 */
};
#endif

/* F(result, name, arguments) for each function of libheif that is used */
#define NOVITA_HEIF_FUNCTIONS(F) \
  F(const char *, heif_get_version, (void)) \
  F(int, heif_have_decoder_for_format, (enum heif_compression_format)) \
  F(struct heif_context *, heif_context_alloc, (void)) \
  F(void, heif_context_free, (struct heif_context *)) \
  F(struct heif_error, heif_context_read_from_memory_without_copy, \
    (struct heif_context *, const void *, size_t, \
     const struct heif_reading_options *)) \
  F(void, heif_context_set_maximum_image_size_limit, \
    (struct heif_context *, int)) \
  F(struct heif_error, heif_context_get_primary_image_handle, \
    (struct heif_context *, struct heif_image_handle **)) \
  F(void, heif_image_handle_release, (const struct heif_image_handle *)) \
  F(int, heif_image_handle_get_width, (const struct heif_image_handle *)) \
  F(int, heif_image_handle_get_height, (const struct heif_image_handle *)) \
  F(int, heif_image_handle_get_ispe_width, \
    (const struct heif_image_handle *)) \
  F(int, heif_image_handle_get_ispe_height, \
    (const struct heif_image_handle *)) \
  F(int, heif_image_handle_has_alpha_channel, \
    (const struct heif_image_handle *)) \
  F(int, heif_image_handle_is_premultiplied_alpha, \
    (const struct heif_image_handle *)) \
  F(int, heif_image_handle_get_luma_bits_per_pixel, \
    (const struct heif_image_handle *)) \
  F(size_t, heif_image_handle_get_raw_color_profile_size, \
    (const struct heif_image_handle *)) \
  F(struct heif_error, heif_image_handle_get_raw_color_profile, \
    (const struct heif_image_handle *, void *)) \
  F(struct heif_error, heif_image_handle_get_nclx_color_profile, \
    (const struct heif_image_handle *, struct heif_color_profile_nclx **)) \
  F(void, heif_nclx_color_profile_free, (struct heif_color_profile_nclx *)) \
  F(struct heif_decoding_options *, heif_decoding_options_alloc, (void)) \
  F(void, heif_decoding_options_free, (struct heif_decoding_options *)) \
  F(struct heif_error, heif_decode_image, \
    (const struct heif_image_handle *, struct heif_image **, \
     enum heif_colorspace, enum heif_chroma, \
     const struct heif_decoding_options *)) \
  F(void, heif_image_release, (const struct heif_image *)) \
  F(int, heif_image_get_width, \
    (const struct heif_image *, enum heif_channel)) \
  F(int, heif_image_get_height, \
    (const struct heif_image *, enum heif_channel)) \
  F(int, heif_image_get_bits_per_pixel_range, \
    (const struct heif_image *, enum heif_channel)) \
  F(const uint8_t *, heif_image_get_plane_readonly, \
    (const struct heif_image *, enum heif_channel, int *))

/* newer ones, which may be NULL */
#define NOVITA_HEIF_NEW_FUNCTIONS(F) \
  F(struct heif_error, heif_init, (struct heif_init_params *)) \
  F(void, heif_context_set_max_decoding_threads, \
    (struct heif_context *, int))

struct novita_heif_library {
#define NOVITA_HEIF_MEMBER(result, name, arguments) result (*name) arguments;
  NOVITA_HEIF_FUNCTIONS(NOVITA_HEIF_MEMBER)
  NOVITA_HEIF_NEW_FUNCTIONS(NOVITA_HEIF_MEMBER)
#undef NOVITA_HEIF_MEMBER
  const char *version;
  bool hevc, av1;          /* it has decoders for these */
};

/* Loads libheif the first time, which takes some milliseconds. NULL if it is
** not installed, or too old. It is never unloaded. */
NOVITA_FUNC const struct novita_heif_library *novita_heif_library (void);

#endif
