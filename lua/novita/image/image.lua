--- An image in memory, 8 bits per sample.

local image_options = require "novita.image.options"
local methods = require "novita.base.methods"
local usage_error = require "novita.schema.usage_error"

local Image = { __name = "novita.Image" }
Image.__index = Image

local KINDS <const> = { "gray", "gray and alpha", "RGB", "RGBA" }

---@class novita.Image
---@field width integer pixels
---@field height integer pixels
---@field channels integer 1 gray, 2 gray + alpha, 3 RGB, 4 RGBA

--- Makes an image of this class of what the C core returned.
---@param pixels? novita.core.pixels
---@param err? novita.Error
---@return novita.Image?
---@return novita.Error? err
---@package
function Image:wrap(pixels, err)
  if not pixels then
    return nil, err
  end
  local width, height, channels = pixels:size()
  local image = { pixels = pixels, width = width, height = height, channels = channels }
  return setmetatable(image, self)
end

-- Raises at the line of the caller's caller.
local function open_pixels(image)
  if not image.pixels then
    error("the image is closed", 3)
  end
  return image.pixels
end

function Image:__tostring()
  if not self.pixels then
    return "novita.Image (closed)"
  end
  return ("novita.Image (%d x %d, %s)"):format(self.width, self.height, KINDS[self.channels])
end

--- All samples, row by row from the top.
---@return string bytes width * height * channels bytes
function Image:bytes()
  return open_pixels(self):bytes()
end

--- Resizes the image into a new one.
---@param options novita.ResizeOptions
---@return novita.Image?
---@return novita.Error? err
function Image:resize(options)
  local pixels = open_pixels(self)
  local read = usage_error.raise_at_caller(1, image_options.resize, options)
  return Image:wrap(pixels:resize(read))
end

--- Encodes the image as the contents of a file.
---@param options? novita.EncodeOptions
---@return string? bytes
---@return novita.Error? err
function Image:encode(options)
  local pixels = open_pixels(self)
  return pixels:encode((usage_error.raise_at_caller(1, image_options.encode, options)))
end

--- Frees the memory before the collector would, as leaving the scope of a `<close>` variable does.
--- May be called twice.
function Image:close()
  if self.pixels then
    self.pixels:close()
    self.pixels = nil
  end
end

Image.__close = Image.close

methods.need_colon(Image, "image", { "bytes", "resize", "encode", "close" })

return Image
