--- The one place that touches picture files.

local found, picture = pcall(require, "novita.picture")
local plain_png = require "novita.emulator.plain_png"

local STAMP = "EMULATED: nothing was trained, seed %d"
local LETTER = 8 -- pixels a letter is wide and high at scale 1
local MOST_PROMPT = 200 -- letters of it that are stamped

local pictures = {}

local SIGNATURES = { "^\137PNG\r\n\26\n", "^\255\216\255", "^RIFF....WEBP" }

local function why_not_an_image(bytes)
  if found then
    local decoded, err = picture.decode(bytes)
    return not decoded and tostring(err) or nil
  end
  for _, signature in ipairs(SIGNATURES) do
    if bytes:find(signature) then return nil end
  end
  return "is not an image"
end

--- Why an uploaded file cannot be used for training. Decodes it, once per upload.
---@param asset table
---@return string? why nil where it can
function pictures.fault_of(asset)
  if asset.uploads == 0 then return "was never uploaded" end
  if not asset.seen and asset.bytes then
    asset.seen = { why = why_not_an_image(asset.bytes) }
  end
  return asset.seen and asset.seen.why or nil
end

--- Cells of a mosaic: { x, y, width, height } each, without gaps.
local function cells(count, width, height)
  local across = count > 1 and 2 or 1
  local down = (count + across - 1) // across
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
  local r, g, b = order.seed * 37 % 128 + 64, order.seed * 59 % 128 + 64, order.seed * 83 % 128 + 64
  canvas:fill(0, 0, order.width, order.height, r, g, b)
end

local function paste_photos(canvas, order)
  for i, cell in ipairs(cells(#order.photos, order.width, order.height)) do
    local photo = picture.decode(order.photos[i])
    if photo then
      canvas:paste(photo:resize { width = cell[3], height = cell[4], fit = "cover" },
        cell[1], cell[2])
    end
  end
end

local function stamp(canvas, order)
  local scale = math.max(1, order.width // 512)
  local line = LETTER * scale + 4
  local prompt = order.prompt:gsub("[^\32-\126]+", " "):sub(1, MOST_PROMPT)
  canvas:fill(0, order.height - 2 * line - 4, order.width, 2 * line + 4, 0, 0, 0)
  canvas:text(4, order.height - 2 * line, STAMP:format(order.seed), { scale = scale })
  canvas:text(4, order.height - line, prompt, { scale = scale })
end

--- A "generated" picture: the photos side by side, stamped as what it is.
---@param order { width: integer, height: integer, photos: string[], seed: integer,
---  prompt: string, format: "png"|"jpeg"|"webp" }
---@return string bytes of a file
function pictures.compose(order)
  if not found then return plain_png.make(order.width, order.height, order.seed) end
  local canvas = picture.new(order.width, order.height, 3)
  background(canvas, order)
  paste_photos(canvas, order)
  stamp(canvas, order)
  return assert(canvas:encode { format = order.format })
end

return pictures
