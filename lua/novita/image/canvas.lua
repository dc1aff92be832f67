--- An image to draw on, for contact sheets, the emulator and the specs: not for scripts.

local core = require("novita.core").image
local Image = require "novita.image.image"

---@class novita.Canvas: novita.Image
local Canvas = setmetatable({ __name = "novita.Canvas", __tostring = Image.__tostring,
  __close = Image.__close }, { __index = Image })
Canvas.__index = Canvas

--- Makes a canvas of the given samples; default: black, and transparent if it has alpha.
---@param width integer pixels, 1 to 65500
---@param height integer pixels, 1 to 65500
---@param channels? integer 1 to 4, default 3
---@param bytes? string width * height * channels samples
---@return novita.Canvas?
---@return novita.Error? err
function Canvas.new(width, height, channels, bytes)
  return Canvas:wrap(core.new(width, height, channels, bytes))
end

--- Pastes an image. Parts outside of this canvas are cut off.
---@param image novita.Image
---@param x integer pixels from the left
---@param y integer pixels from the top
---@return novita.Canvas self
function Canvas:paste(image, x, y)
  assert(self.pixels:paste(image.pixels, x, y))
  return self
end

--- Fills a rectangle.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param width integer pixels
---@param height integer pixels
---@param red integer 0 to 255
---@param green integer 0 to 255
---@param blue integer 0 to 255
---@return novita.Canvas self
function Canvas:fill(x, y, width, height, red, green, blue)
  self.pixels:fill(x, y, width, height, red, green, blue)
  return self
end

--- Draws a line of ASCII text in a small fixed-width font: 6 x 8 pixels times the scale.
---@param x integer pixels from the left
---@param y integer pixels from the top
---@param text string
---@param scale? integer 1 to 256, default 1
---@param colour? integer[] { red, green, blue }, default white
---@return novita.Canvas self
function Canvas:text(x, y, text, scale, colour)
  self.pixels:text(x, y, text, scale, table.unpack(colour or {}))
  return self
end

return Canvas
