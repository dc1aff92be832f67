--- Images: `probe` reads the header of a file, `prepare` makes a photo ready for its upload, on a
-- worker thread, and `decode` gives its pixels.
--
-- Wrong use raises. If a file cannot be used, nil and an error object of kind "image" or "file" are
-- returned. Its message is a predicate without the file's name, such as "is cut off (row 12 of
-- 900): copy the file again".

local core = require("novita.core").image
local faces = require "novita.image.faces"
local Image = require "novita.image.image"
local image_options = require "novita.image.options"
local methods = require "novita.base.methods"
local prepare_op = require "novita.image.prepare_op"
local scheduler = require "novita.async.scheduler"
local usage_error = require "novita.schema.usage_error"

---@class novita.UsedCrop: novita.Crop
---@field choice "center"|"face"|"top"|"box" what decided

---@class novita.Prepared
---@field bytes string the encoded image
---@field width integer pixels
---@field height integer pixels
---@field format "jpeg"|"png"|"webp"
---@field source_width integer pixels, as displayed
---@field source_height integer pixels, as displayed
---@field source_format "jpeg"|"png"|"webp"|"heic"|"avif"
---@field crop novita.UsedCrop the part of the source that was used, as displayed
---@field faces? novita.Face[] found in the source, the largest first; nil: none were looked for
---@field orientation integer EXIF orientation of the source, 1 to 8; always 1 for HEIC and AVIF, which
--- are turned while they are decoded
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

---@class novita.image
local image = { probe = require "novita.image.probe" }

--- Decodes a JPEG, PNG, WebP, HEIC or AVIF (the last two with libheif), upright. The calling thread
--- waits.
---@param source novita.Source
---@param options? novita.DecodeOptions
---@return novita.Image?
---@return novita.Error? err kind "image" or "file"
function image.decode(source, options)
  usage_error.raise_at_caller(1, image_options.source, source)
  local read = usage_error.raise_at_caller(1, image_options.decode, options)
  return Image:wrap(core.decode(source, read))
end

-- The loop is an option here, but not for `check`, which checks the other options.
local function read_with_loop(source, options, check)
  image_options.source(source)
  local rest, driver = options, nil
  if type(options) == "table" and options.loop ~= nil then
    rest, driver = {}, options.loop
    for name, value in pairs(options) do
      rest[name] = value
    end
    rest.loop = nil
  end
  scheduler.check(driver)
  return check(rest), scheduler.of(driver)
end

--- Prepares one photo on a worker and waits: decodes, crops, resizes, turns it upright, and encodes
-- it. In a coroutine, only that coroutine waits.
---@param source novita.Source
---@param options? novita.PrepareOptions also `loop`, whose coroutine waits, as for a client; `crop`
--- may be a function that gets the photo's facts and returns a box
---@return novita.Prepared? prepared
---@return novita.Error? err kind "image" or "file"
function image.prepare(source, options)
  local read, loop = usage_error.raise_at_caller(1, read_with_loop, source, options,
    image_options.prepare)
  return prepare_op.facts(source, read, loop)
end

--- Finds the faces of a photo on a worker and waits. In a coroutine, only that coroutine waits.
-- Needs the rock novita-faces.
---@param source novita.Source
---@param options? { limits?: novita.ImageLimits, lenient?: boolean } also `loop`, as for `prepare`
---@return novita.Face[]? faces in pixels of the photo as displayed, the largest first; empty if it
--- has no face
---@return novita.Error? err kind "image" or "file"; code "no_face_detector" if the rock is missing
function image.faces(source, options)
  local read, loop = usage_error.raise_at_caller(1, read_with_loop, source, options,
    image_options.faces)
  return faces.find(source, read, loop)
end

methods.need_dot(image, "novita.image")

return image
