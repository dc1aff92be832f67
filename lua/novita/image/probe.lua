--- Reads the header of an image file, in the calling thread.

local core = require("novita.core").image
local image_options = require "novita.image.options"
local usage_error = require "novita.schema.usage_error"
require "novita.base.error" -- makes the returned errors printable

---@alias novita.Source string|{ path: string }|{ bytes: string } bytes, or a file

---@class novita.Probed
---@field format "jpeg"|"png"|"webp"|"heic"|"avif" the last two only if libheif is installed
---@field width integer pixels, as displayed
---@field height integer pixels, as displayed
---@field orientation integer EXIF orientation, 1 to 8; always 1 for HEIC and AVIF
---@field channels integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA
---@field bits integer per sample in the file: 1, 2, 4, 8, 16, or 10 or 12 for HEIC and AVIF
---@field alpha boolean it has an alpha channel

--- Reads the header of an image file. Nothing is decoded. The calling thread waits.
---@param source novita.Source
---@param options? { limits?: novita.ImageLimits, lenient?: boolean }
---@return novita.Probed?
---@return novita.Error? err kind "image" or "file"
local function probe(source, options)
  usage_error.raise_at_caller(1, image_options.source, source)
  local read = usage_error.raise_at_caller(1, image_options.probe, options)
  return core.probe(source, read)
end

return probe
