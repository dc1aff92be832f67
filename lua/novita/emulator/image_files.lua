--- Decodes uploaded photos and makes generated images. Nothing else touches image files.

local image = require "novita.image"
local Canvas = require "novita.image.canvas"

local STAMP = "EMULATED: nothing was trained, seed %d"
local LETTER_WIDTH, LETTER_HEIGHT = 6, 8 -- pixels at scale 1
local MARGIN = 4 -- pixels around a line of text

local image_files = {}

local function why_unusable(bytes)
  local decoded, err = image.decode(bytes)
  if not decoded then return tostring(err) end
  decoded:close()
  return nil
end

--- Why an uploaded file cannot be used for training. Decodes it, once per upload.
---@param asset table
---@return string? why nil if it can
function image_files.fault_of(asset)
  if asset.uploads == 0 then return "was never uploaded" end
  if not asset.seen and asset.bytes then
    asset.seen = { why = why_unusable(asset.bytes) }
  end
  return asset.seen and asset.seen.why or nil
end

--- Cells of a mosaic: { x, y, width, height } each, two in a row, without gaps.
local function cells(count, width, height)
  local across = math.min(count, 2)
  local down = (count + across - 1) // math.max(across, 1)
  local list = {}
  for i = 0, count - 1 do
    local x, y = i % across, i // across
    local left, top = width * x // across, height * y // down
    local right = i == count - 1 and width or width * (x + 1) // across
    list[i + 1] = { left, top, right - left, height * (y + 1) // down - top }
  end
  return list
end

local function background(canvas, order)
  local function shade(factor) return order.seed * factor % 128 + 64 end
  canvas:fill(0, 0, order.width, order.height, shade(37), shade(59), shade(83))
end

local function paste_photo(canvas, bytes, cell)
  local photo <close> = image.decode(bytes, { channels = 3 })
  if not photo then return end -- its training failed, or a later upload replaced it
  local small <close> = assert(photo:resize { width = cell[3], height = cell[4], fit = "cover" })
  canvas:paste(small, cell[1], cell[2])
end

--- Two lines of text on black along the lower edge, cut off at the right edge.
local function stamp(canvas, order)
  local scale = order.width // 512 + 1
  local line = LETTER_HEIGHT * scale + MARGIN
  local letters = (order.width - 2 * MARGIN) // (LETTER_WIDTH * scale)
  local band = 2 * line + MARGIN
  local lines = { STAMP:format(order.seed), (order.prompt:gsub("[^\32-\126]+", " ")) }
  canvas:fill(0, order.height - band, order.width, band, 0, 0, 0)
  for i, text in ipairs(lines) do
    canvas:text(MARGIN, order.height - band + MARGIN + (i - 1) * line, text:sub(1, letters),
      scale)
  end
end

--- A "generated" image: the photos side by side, stamped as emulated.
---@param order { width: integer, height: integer, photos: string[], seed: integer,
---  prompt: string, format: "png"|"jpeg"|"webp" }
---@return string bytes of a file
function image_files.compose(order)
  local canvas <close> = assert(Canvas.new(order.width, order.height, 3))
  background(canvas, order)
  for i, cell in ipairs(cells(#order.photos, order.width, order.height)) do
    paste_photo(canvas, order.photos[i], cell)
  end
  stamp(canvas, order)
  return assert(canvas:encode { format = order.format, effort = 1 })
end

return image_files
