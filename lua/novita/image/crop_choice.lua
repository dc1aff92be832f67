--- Which part of a photo is used: a word, or a box. The functions raise if a choice is wrong; use
--- them inside a check (see novita.schema.usage_error).

local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.Crop a box of the image as displayed; may have fractions of pixels
---@field x number pixels from the left, >= 0
---@field y number pixels from the top, >= 0
---@field width number pixels, > 0
---@field height number pixels, > 0

---@alias novita.CropChoice "auto"|"center"|"face"|"top"|novita.Crop|string
--- the largest part with the proportions of the result: around the largest face, at the top or in
--- the middle; or a box, also as the text "X,Y,WIDTH,HEIGHT". auto: face if the rock novita-faces
--- is installed, else center

local LEAST <const> = 1e-3 -- pixels a side of a crop box

local words = { auto = true, center = true, face = true, top = true }

local box_sides = {
  { name = "x", type = "number", min = 0, expects = "a number of pixels >= 0" },
  { name = "y", type = "number", min = 0, expects = "a number of pixels >= 0" },
  { name = "width", type = "number", min = LEAST, expects = "a number of pixels > 0" },
  { name = "height", type = "number", min = LEAST, expects = "a number of pixels > 0" },
}

local crop_choice = {
  LEAST = LEAST,
  FORMS = '"auto", "center", "face", "top", a table { x =, y =, width =, height = } or "X,Y,W,H"',
}

-- "X,Y,W,H"
local function box_of(text)
  local x, y, width, height =
    text:match "^%s*([%d.]+)%s*,%s*([%d.]+)%s*,%s*([%d.]+)%s*,%s*([%d.]+)%s*$"
  local box = { x = tonumber(x), y = tonumber(y), width = tonumber(width),
    height = tonumber(height) }
  return box.x and box.y and box.width and box.height and box or nil
end

--- Checks a crop box. It may have other fields, such as a detector's score.
---@param box any
---@param path string
---@return novita.Crop
function crop_choice.box(box, path)
  if type(box) ~= "table" then
    usage_error.must_be(path, crop_choice.FORMS, box)
  end
  local copy = {}
  for _, side in ipairs(box_sides) do
    copy[side.name] = schema.apply(side, box[side.name], { path = path .. "." .. side.name })
  end
  return copy
end

--- Checks a choice; the text of a box becomes a box.
---@param value any
---@param path string
---@return string|novita.Crop
function crop_choice.read(value, path)
  if words[value] then
    return value
  end
  return crop_choice.box(type(value) == "string" and box_of(value) or value, path)
end

--- Checks the choice for an image in memory, without looking for a face.
---@param value any
---@param path string
---@return string|novita.Crop
function crop_choice.read_plain(value, path)
  if type(value) ~= "table" and value ~= "center" and value ~= "top" then
    usage_error.must_be(path, '"center", "top" or a table { x =, y =, width =, height = }', value)
  end
  return crop_choice.read(value, path)
end

return crop_choice
