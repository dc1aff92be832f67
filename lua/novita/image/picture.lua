--- Images, synchronously: decode, resize, draw, encode; prepare and probe photos. Everything here
-- runs in the calling thread and blocks it. To upload photos, use novita.image, which does the same
-- on worker threads.
--
-- Wrong use raises. If a file cannot be used, nil and an error object of kind "image" or "file" are
-- returned. Its message is a predicate without the file's name, such as "is cut off (row 12 of
-- 900): copy the file again".

local core = require("novita.core").image
require("novita.base.error") -- makes the returned errors printable
require "novita.schema.unknown_name" -- csrc/lua/option.c calls it

---@class novita.picture
local picture = {}

---@alias novita.Source string|{ path: string }|{ bytes: string } bytes, or a file

---@class novita.Crop a box of the image as displayed; may have fractions of pixels
---@field x number pixels from the left, >= 0
---@field y number pixels from the top, >= 0
---@field width number pixels, > 0
---@field height number pixels, > 0

---@class novita.ImageLimits
---@field bytes? integer of the input; default 256 MiB
---@field pixels? integer of the input; default 268435456
---@field scans? integer of a progressive JPEG; default 100
---@field output_pixels? integer of the result; default 67108864
---@field output_bytes? integer of the encoded result; default 256 MiB
---@field memory? integer bytes of pixels in memory at a time; default 1 GiB
---@field seconds? number from opening the file to its last row, > 0 and <= 86400; default 60

---@class novita.ResizeOptions
---@field size? integer 1 to 65500: sets both width and height
---@field width? integer 1 to 65500; default: in proportion to the height, or unchanged
---@field height? integer 1 to 65500; default: in proportion to the width, or unchanged
---@field fit? "cover"|"contain"|"stretch"|"inside" default "cover"
---@field filter? "lanczos3"|"catmull-rom"|"mitchell"|"area"|"box" default "lanczos3"
---@field linear? boolean resample in linear light instead of sRGB values; default false
---@field crop? novita.Crop|"center" the part to use; default "center": the largest centred part
---@field background? string|integer[] "#rrggbb" or { r, g, b }; default white

---@class novita.EncodeOptions
---@field format? "jpeg"|"png"|"webp" default "jpeg"
---@field quality? integer 1 to 100, for JPEG and lossy WebP; default 95
---@field chroma? 444|420 colour resolution of a JPEG; default 444
---@field lossless? boolean for WebP; default false
---@field optimize? boolean for JPEG: Huffman tables for this image, a few percent smaller in three
---  times the time; default false
---@field effort? integer PNG: 1, the default, is a fast coder for photos; 0 and 2 to 9 are zlib's
---  levels. WebP: libwebp's method 0 to 6, default 2
---@field background? string|integer[] replaces transparency if the format has no alpha

---@class novita.PrepareOptions: novita.ResizeOptions, novita.EncodeOptions
---@field lenient? boolean use what is left of a cut or damaged file; default false
---@field limits? novita.ImageLimits
---@field pass_through? boolean if a file already has the right size, format and colours, keep its
---  encoded pixels; default true, but false if quality, chroma, lossless, optimise or effort is
---  given
---@field keep_metadata? boolean a file that is passed through keeps all its metadata: the location,
---  names, texts, thumbnails; default false: only pixels and colour profile stay
---@field planes? boolean resize a JPEG in its own colours (Y'CbCr) unless something needs RGB;
---  default true

---@class novita.DecodeOptions
---@field channels? integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA; default as in the file
---@field background? string|integer[] replaces transparency if alpha is dropped; default white
---@field lenient? boolean use what is left of a cut or damaged file; default false
---@field limits? novita.ImageLimits

---@class novita.Prepared
---@field bytes string the encoded image
---@field width integer pixels
---@field height integer pixels
---@field format "jpeg"|"png"|"webp"
---@field source_width integer pixels, as displayed
---@field source_height integer pixels, as displayed
---@field source_format "jpeg"|"png"|"webp"
---@field orientation integer EXIF orientation of the source, 1 to 8
---@field alpha boolean the source had an alpha channel
---@field truncated boolean part of the file was missing, and `lenient` was set
---@field profile "srgb"|"converted"|"none"|"broken" the colours were sRGB already, were converted to
--- sRGB, had no profile (and count as sRGB), or had a profile that cannot be used (and was ignored)
---@field scale number ratio of result to source; above 1 it was enlarged
---@field sharpness number variance of the Laplacian of luma, at most 512 pixels a side; a sharp
--- photo has 100 to 4000, a blurred one below 50
---@field brightness number mean luma, 0 to 1
---@field dark number share of pixels that are black or nearly so, 0 to 1
---@field bright number share of pixels that are white or nearly so, 0 to 1
---@field dhash string 16 hexadecimal digits; near-duplicates differ in 6 bits or fewer
---@field passed_through boolean the encoded pixels are those of the source

---@class novita.Probed
---@field format "jpeg"|"png"|"webp"
---@field width integer pixels, as displayed
---@field height integer pixels, as displayed
---@field orientation integer EXIF orientation, 1 to 8
---@field channels integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA
---@field bits integer per sample in the file: 1, 2, 4, 8 or 16
---@field alpha boolean it has an alpha channel

---@class novita.TextOptions
---@field scale? integer 1 to 256; a character is 6 x 8 pixels times this; default 1
---@field color? string|integer[] "#rrggbb" or { r, g, b }; default white

--- Makes an image from the given samples; default: black, and transparent if it has alpha.
---@param width integer pixels, 1 to 65500
---@param height integer pixels, 1 to 65500
---@param channels? integer 1 to 4, default 3
---@param bytes? string width * height * channels samples
---@return novita.Picture?
---@return novita.Error? err
---@type fun(width, height, channels, bytes): novita.Picture?, novita.Error?
picture.new = core.new

--- Decodes a JPEG, PNG or WebP, upright.
---@param source novita.Source
---@param options? novita.DecodeOptions
---@return novita.Picture?
---@return novita.Error? err
---@type fun(source, options): novita.Picture?, novita.Error?
picture.decode = core.decode

--- Prepares a photo for the upload: crops and resizes it, turns it upright, converts it to 8-bit
-- RGB or gray, and encodes it.
---@param source novita.Source
---@param options? novita.PrepareOptions
---@return novita.Prepared?
---@return novita.Error? err
---@type fun(source, options): novita.Prepared?, novita.Error?
picture.prepare = core.prepare

--- Reads the header of an image file.
---@param source novita.Source
---@param options? { limits: novita.ImageLimits, lenient: boolean }
---@return novita.Probed?
---@return novita.Error? err
---@type fun(source, options): novita.Probed?, novita.Error?
picture.probe = core.probe

--- The kernels (inner loops) in use.
---@return "scalar"|"avx2"|"avx512"|"neon" name
---@return string? refused the value of NOVITA_SIMD, if this machine or build does not have it
picture.kernels = core.kernels

return picture
