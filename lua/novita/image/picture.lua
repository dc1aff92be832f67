--- Pictures, synchronously: decode, resize, mark, encode; prepare and probe photos.
-- Everything here works at once and in the calling thread. For photos on their way to
-- the service use novita.image, which does the same on worker threads.
--
-- Wrong use raises; what is wrong with a file is returned as nil and an error object of
-- kind "image" or "file". Its message is a predicate without the file's name, such as
-- "is cut off (row 12 of 900): copy the file again".

local core = require("novita.core").image
require("novita.base.error") -- so that what is returned can be printed
require "novita.schema.unknown_name" -- csrc/lua/option.c calls it

---@class novita.picture
local picture = {}

---@alias novita.Source string|{ path: string }|{ bytes: string } bytes, or a file

---@class novita.Crop a box of the picture as displayed; fractions of pixels count
---@field x number pixels from the left, from 0 on
---@field y number pixels from the top, from 0 on
---@field width number pixels, above 0
---@field height number pixels, above 0

---@class novita.ImageLimits
---@field bytes? integer of the input; default 256 MiB
---@field pixels? integer of the input; default 268435456
---@field scans? integer of a progressive JPEG; default 100
---@field output_pixels? integer of the result; default 67108864
---@field output_bytes? integer of the encoded result; default 256 MiB
---@field memory? integer bytes that pixels may take at a time; default 1 GiB
---@field seconds? number from opening the file to its last row, above 0 up to 86400; default 60

---@class novita.ResizeOptions
---@field size? integer 1 to 65500: width and height at once
---@field width? integer 1 to 65500; without it in proportion to the height, or kept
---@field height? integer 1 to 65500; without it in proportion to the width, or kept
---@field fit? "cover"|"contain"|"stretch"|"inside" default "cover"
---@field filter? "lanczos3"|"catmull-rom"|"mitchell"|"area"|"box" default "lanczos3"
---@field linear? boolean add up light instead of sRGB codes; default false
---@field crop? novita.Crop|"center" the part to take; default "center": as much as fits
---@field background? string|integer[] "#rrggbb" or { r, g, b }; default white

---@class novita.EncodeOptions
---@field format? "jpeg"|"png"|"webp" default "jpeg"
---@field quality? integer 1 to 100, for JPEG and lossy WebP; default 95
---@field chroma? 444|420 colour resolution of a JPEG; default 444
---@field lossless? boolean for WebP; default false
---@field optimise? boolean Huffman tables made for the picture, for JPEG: a few percent smaller at
---  three times the time; default false
---@field effort? integer PNG: 1 is a fast coder made for photos, the default; 0 and 2 to 9 are zlib's
---  levels; WebP: libwebp's method 0 to 6, default 2
---@field background? string|integer[] what alpha is laid on where the format has none

---@class novita.PrepareOptions: novita.ResizeOptions, novita.EncodeOptions
---@field lenient? boolean take what a cut or damaged file still has; default false
---@field limits? novita.ImageLimits
---@field pass_through? boolean the pixels of a file that has the wanted size, format and colours are
---  taken as they are coded; default true, and false where quality, chroma, lossless, optimise or
---  effort is given
---@field keep_metadata? boolean what is passed through keeps all that is in the file: the place where
---  it was taken, names, texts, thumbnails; default false: only pixels and colour profile stay
---@field planes? boolean a JPEG is resized in its own colours (Y'CbCr) where nothing needs RGB;
---  default true

---@class novita.DecodeOptions
---@field channels? integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA; default as in the file
---@field background? string|integer[] what alpha is laid on where it must go; default white
---@field lenient? boolean take what a cut or damaged file still has; default false
---@field limits? novita.ImageLimits

---@class novita.Prepared
---@field bytes string the encoded picture
---@field width integer pixels
---@field height integer pixels
---@field format "jpeg"|"png"|"webp"
---@field source_width integer pixels, as displayed
---@field source_height integer pixels, as displayed
---@field source_format "jpeg"|"png"|"webp"
---@field orientation integer EXIF orientation of the source, 1 to 8
---@field alpha boolean the source had an alpha channel
---@field truncated boolean lenient, and something was missing
---@field profile "srgb"|"converted"|"none"|"broken" its colours were sRGB already, were
--- converted to it, were said to be nothing (and taken for sRGB), or came with a profile that
--- cannot be used (and was ignored)
---@field scale number result to source; above 1 it was enlarged
---@field sharpness number variance of the Laplacian of luma, at most 512 pixels a side; a sharp
--- photo has 100 to 4000, a blurred one below 50
---@field brightness number mean luma, 0 to 1
---@field dark number share of pixels that are black or nearly so, 0 to 1
---@field bright number share of pixels that are white or nearly so, 0 to 1
---@field dhash string 16 hexadecimal digits; near-duplicates differ in 6 bits or fewer
---@field passed_through boolean the pixels are coded as in the source

---@class novita.Probed
---@field format "jpeg"|"png"|"webp"
---@field width integer pixels, as displayed
---@field height integer pixels, as displayed
---@field orientation integer EXIF orientation, 1 to 8
---@field channels integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA
---@field bits integer a sample in the file: 1, 2, 4, 8 or 16
---@field alpha boolean it has an alpha channel

---@class novita.TextOptions
---@field scale? integer 1 to 256; a character is 6 x 8 pixels times this; default 1
---@field color? string|integer[] "#rrggbb" or { r, g, b }; default white

--- Makes a picture: black (and transparent, with alpha), or of the given samples.
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

--- Turns a photo into what is uploaded: cropped, resized, upright, 8-bit RGB or
-- gray, encoded.
---@param source novita.Source
---@param options? novita.PrepareOptions
---@return novita.Prepared?
---@return novita.Error? err
---@type fun(source, options): novita.Prepared?, novita.Error?
picture.prepare = core.prepare

--- Reads the header of a picture.
---@param source novita.Source
---@param options? { limits: novita.ImageLimits, lenient: boolean }
---@return novita.Probed?
---@return novita.Error? err
---@type fun(source, options): novita.Probed?, novita.Error?
picture.probe = core.probe

--- Tells which inner loops are in use.
---@return "scalar"|"avx2"|"avx512"|"neon" name
---@return string? refused what NOVITA_SIMD asked for and this machine or build has not
picture.kernels = core.kernels

return picture
