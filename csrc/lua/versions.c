/*
** versions.c: core.versions() -> { curl =, tls =, jpeg =, png =, webp =,
** lcms =, zlib =, heif = }, for bug reports: the versions of the loaded
** libraries, not of those at build time, as far as the libraries report them.
** heif is nil if libheif is not installed.
*/
#include <stdio.h>

#include <curl/curl.h>
#include <jpeglib.h>
#include <lauxlib.h>
#include <lcms2.h>
#include <lua.h>
#include <png.h>
#include <webp/decode.h>
#include <zlib.h>

#include "../image/heif/library.h"
#include "core.h"

#define TEXT_OF(x) #x
#define TEXT(x) TEXT_OF(x)

#ifdef LIBJPEG_TURBO_VERSION
#define JPEG "turbo " TEXT(LIBJPEG_TURBO_VERSION)
#else
#define JPEG TEXT(JPEG_LIB_VERSION)
#endif


static void add (lua_State *L, const char *name, const char *text) {
  lua_pushstring(L, text);
  lua_setfield(L, -2, name);
}


static int versions (lua_State *L) {
  const curl_version_info_data *curl = curl_version_info(CURLVERSION_NOW);
  const struct novita_heif_library *heif = novita_heif_library();
  int webp = WebPGetDecoderVersion(), lcms = cmsGetEncodedCMMversion();
  lua_createtable(L, 0, 8);
  add(L, "curl", curl->version);
  add(L, "tls", curl->ssl_version != NULL ? curl->ssl_version : "none");
  add(L, "jpeg", JPEG);
  add(L, "png", png_get_libpng_ver(NULL));
  add(L, "zlib", zlibVersion());
  if (heif != NULL) add(L, "heif", heif->version);
  lua_pushfstring(L, "%d.%d.%d", webp >> 16, webp >> 8 & 255, webp & 255);
  lua_setfield(L, -2, "webp");
  lua_pushfstring(L, "%d.%d", lcms / 1000, lcms % 1000 / 10);
  lua_setfield(L, -2, "lcms");
  return 1;
}


int novita_lua_versions (lua_State *L) {
  lua_pushcfunction(L, versions);
  return 1;
}
