--- The options of images and their checks: names, types, ranges. The functions raise if an option
--- is wrong and return a checked copy, which the C core takes; use them inside a check (see
--- novita.schema.usage_error).

local crop_choice = require "novita.image.crop_choice"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

local SIDE_MOST <const> = 65500 -- pixels
local LIMIT_MOST <const> = 1 << 40 -- bytes or pixels

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
---@field crop? "center"|"top"|novita.Crop the part to use; default "center": the largest centred part
---@field background? string|integer[] "#rrggbb" or { r, g, b }; default white

---@class novita.EncodeOptions
---@field format? "jpeg"|"png"|"webp" default "jpeg"
---@field quality? integer 1 to 100, for JPEG and lossy WebP; default 95
---@field chroma? 444|420 colour resolution of a JPEG; default 444
---@field lossless? boolean for WebP; default false
---@field optimize? boolean for JPEG: Huffman tables for this image, a few percent smaller in three
---  times the time; default false
---@field effort? integer PNG: 1, the default, is a fast coder for photos; 0 and 2 to 9 are zlib's
---  levels. WebP: libwebp's method 0 to 6; default 1 if it is lossy and quality >= 95, else 2
---@field background? string|integer[] replaces transparency if the format has no alpha

---@class novita.PrepareOptions: novita.ResizeOptions, novita.EncodeOptions
---@field crop? novita.CropChoice|novita.CropFunction the part to use, or a function that returns it;
---  default "center", for the photos of a subject training and for `dataset:check` "auto"
---@field lenient? boolean use what is left of a cut or damaged file; default false
---@field limits? novita.ImageLimits
---@field pass_through? boolean if a file already has the right size, format and colours, keep its
---  encoded pixels; default true, but false if quality, chroma, lossless, optimize or effort is
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

-- {====== rules ======

local function integer(name, min, max)
  return { name = name, type = "integer", min = min, max = max }
end

local function choice(name, values)
  return { name = name, type = "string", values = values }
end

local function boolean(name)
  return { name = name, type = "boolean" }
end

local function other(name)
  return { name = name, type = "any" } -- checked below
end

local geometry = {
  integer("size", 1, SIDE_MOST),
  integer("width", 1, SIDE_MOST),
  integer("height", 1, SIDE_MOST),
  choice("fit", { "cover", "contain", "stretch", "inside" }),
  choice("filter", { "lanczos3", "catmull-rom", "mitchell", "area", "box" }),
  boolean "linear",
  other "crop",
}

local encoder = {
  choice("format", { "jpeg", "png", "webp" }),
  integer("quality", 1, 100),
  { name = "chroma", type = "integer", values = { 444, 420 } },
  boolean "lossless",
  boolean "optimize",
  integer("effort", 0, 9),
}

local pipeline = { boolean "pass_through", boolean "keep_metadata", boolean "planes" }

local background = { other "background" }

local source = {
  boolean "lenient",
  {
    name = "limits",
    type = "object",
    noun = "limits",
    member = "option",
    fields = {
      integer("bytes", 1, LIMIT_MOST),
      integer("pixels", 1, LIMIT_MOST),
      integer("scans", 1, 100000),
      integer("output_pixels", 1, LIMIT_MOST),
      integer("output_bytes", 1, LIMIT_MOST),
      integer("memory", 1, LIMIT_MOST),
      { name = "seconds", type = "number", above = 0, max = 86400,
        expects = "a number of seconds > 0 and <= 86400" },
    },
  },
}

local function definition(noun, ...)
  local fields = {}
  for _, group in ipairs { ... } do
    table.move(group, 1, #group, #fields + 1, fields)
  end
  return { type = "object", noun = noun, member = "option", fields = fields }
end

local prepare = definition("prepare", geometry, encoder, pipeline, background, source)
local decode = definition("decode", { integer("channels", 1, 4) }, background, source)
local probe = definition("probe", source)
local faces = definition("faces", source)
local resize = definition("resize", geometry, background)
local encode = definition("encode", encoder, background)

-- }======

local options = { SIDE_MOST = SIDE_MOST }

local function in_path(path, name)
  return path and path .. "." .. name or name
end

local function is_sample(value)
  value = math.tointeger(value)
  return value and value >= 0 and value <= 255
end

-- "#rrggbb" or { r, g, b } as { r, g, b }.
local function colour(value, path)
  local hex = type(value) == "string" and value:match "^#(%x%x%x%x%x%x)$"
  if hex then
    return { tonumber(hex:sub(1, 2), 16), tonumber(hex:sub(3, 4), 16), tonumber(hex:sub(5), 16) }
  elseif type(value) == "table" and is_sample(value[1]) and is_sample(value[2])
    and is_sample(value[3]) then
    return { value[1], value[2], value[3] }
  end
  usage_error.must_be(path, '"#rrggbb" or three integers from 0 to 255', value)
end

-- Refuses options that the format does not support instead of ignoring them.
local function check_format(read, path)
  local format = read.format or "jpeg"
  local name = ('for format "%s"'):format(format)
  if read.lossless and format == "jpeg" then
    usage_error.must_be(in_path(path, "lossless"), "false " .. name, true)
  elseif read.optimize and format ~= "jpeg" then
    usage_error.must_be(in_path(path, "optimize"), "false " .. name, true)
  elseif format == "webp" and (read.effort or 0) > 6 then
    usage_error.must_be(in_path(path, "effort"), "an integer from 0 to 6 " .. name, read.effort)
  end
end

local function apply(rule, given, path)
  if given == nil then
    return {}
  end
  local read = schema.apply(rule, given, { path = path })
  if read.background ~= nil then
    read.background = colour(read.background, in_path(path, "background"))
  end
  check_format(read, path)
  return read
end

-- "center", or nil, is the default of the C core.
local function set_crop(read, reader, path)
  local value = read.crop ~= nil and reader(read.crop, in_path(path, "crop")) or nil
  read.crop = value ~= "center" and value or nil
end

--- The options of `prepare`. A crop function stays one.
---@param given? novita.PrepareOptions
---@param path? string how messages call the options; default: each option by its own name
---@return novita.PrepareOptions
function options.prepare(given, path)
  local read = apply(prepare, given, path)
  if type(read.crop) ~= "function" then
    set_crop(read, crop_choice.read, path)
  end
  return read
end

---@param given? novita.DecodeOptions
---@return novita.DecodeOptions
function options.decode(given)
  return apply(decode, given)
end

---@param given? { limits?: novita.ImageLimits, lenient?: boolean }
---@return table
function options.probe(given)
  return apply(probe, given)
end

---@param given? { limits?: novita.ImageLimits, lenient?: boolean }
---@return table
function options.faces(given)
  return apply(faces, given)
end

---@param given? novita.ResizeOptions
---@return novita.ResizeOptions
function options.resize(given)
  local read = apply(resize, given)
  set_crop(read, crop_choice.read_plain)
  return read
end

---@param given? novita.EncodeOptions
---@return novita.EncodeOptions
function options.encode(given)
  return apply(encode, given)
end

-- A source may have other fields, as the photos of a dataset do, but not instead of both.
local function check_named(given)
  if type(given) == "table" and given.path == nil and given.bytes == nil then
    schema.refuse_unknown(given, { "path", "bytes" }, "", { noun = "a source" })
  end
end

--- Checks where an image comes from.
---@param given any
---@return novita.Source
function options.source(given)
  local path = type(given) == "table" and given.path
  check_named(given)
  if path and type(path) == "string" and path:find("\0", 1, true) then
    usage_error.raise "path must not contain a NUL byte"
  elseif type(given) ~= "string" and type(path) ~= "string"
    and not (type(given) == "table" and type(given.bytes) == "string") then
    usage_error.must_be("the source",
      "a string of bytes, or a table with 'path' or 'bytes' as a string", given)
  end
  return given
end

return options
