--- Crop functions: a function of the script chooses the crop box of each photo, in Lua and before a
--- worker starts. Use this to plug in a face detector:
--
--     prepare = { crop = function(facts)
--       local face = detect(facts.path)          -- facts.width and height are as displayed
--       return { x = face.x - 100, y = face.y - 150, width = 600, height = 600 }
--     end }

local failure = require "novita.base.error"
local image_options = require "novita.image.options"
local probe = require "novita.image.probe"
local usage_error = require "novita.schema.usage_error"

local crop = {}

local LEAST <const> = 1e-3 -- pixels a side of a box
local NO_LEVEL <const> = 10000 -- a level that the stack does not have: errors name no line

---@class novita.CropFacts: novita.Probed
---@field path? string of the file, if the photo is a file
---@field bytes? string the file's contents, if the script gave them

---@alias novita.CropFunction fun(facts: novita.CropFacts): novita.Crop|"center"|nil
--- the crop box; nil and "center" mean the largest centred one. The function may wait.

local function facts_of(source, options)
  local facts, err = probe(source, {
    limits = options.limits,
    lenient = options.lenient,
  })
  if not facts then
    return nil, err
  elseif type(source) == "table" then
    facts.path, facts.bytes = source.path, source.bytes
  else
    facts.bytes = source
  end
  return facts
end

local function with_crop(options, box)
  local copy = {}
  for name, value in pairs(options) do
    copy[name] = value
  end
  copy.crop = box
  return copy
end

local function is_below(v, least)
  return math.type(v) ~= nil and v < least
end

-- The box of a detector may start outside the photo, or be empty. That is an error of this photo;
-- in fixed options it would be wrong use.
local function is_outside(box)
  return is_below(box.x, 0) or is_below(box.y, 0) or is_below(box.width, LEAST)
    or is_below(box.height, LEAST)
end

local function outside(facts, box)
  local function side(name)
    return math.type(box[name]) and ("%g"):format(box[name]) or tostring(box[name])
  end
  return failure.new { kind = "image", code = "crop", message =
    ("has %d x %d pixels, and the crop box of %s x %s at %s, %s is not inside: choose another box")
      :format(facts.width, facts.height, side "width", side "height", side "x", side "y") }
end

-- The box that the function returned; nil for the centre.
local function check_box(box)
  if box == nil or box == "center" then
    return nil
  elseif type(box) ~= "table" then
    usage_error.must_be("the result of the crop function",
      'a table { x =, y =, width =, height = }, "center" or nil', box)
  end
  return image_options.box(box, "crop")
end

-- Asks the script. An error of its function is an error of this photo: the other photos are good,
-- and a training has no line of the script where it could raise.
local function ask(fn, facts)
  local ok, box = pcall(fn, facts)
  if ok then
    return box
  elseif failure.is(box) or failure.is_memory(box) then
    error(box, 0) -- such as a canceled wait in the function
  end
  return nil, failure.new { kind = "image", code = "crop", message =
    "the crop function raised an error: " .. tostring(box) }
end

--- The options for one photo: a crop function is replaced by its box.
---@param source novita.Source
---@param options novita.PrepareOptions checked
---@return novita.PrepareOptions? options
---@return novita.Error? err the photo's header cannot be read, the function raised an error, or the
--- box is not inside
function crop.resolve(source, options)
  if type(options.crop) ~= "function" then
    return options
  end
  local facts, err = facts_of(source, options)
  if not facts then
    return nil, err
  end
  local box
  box, err = ask(options.crop, facts)
  if err then
    return nil, err
  elseif type(box) == "table" and is_outside(box) then
    return nil, outside(facts, box)
  end
  return with_crop(options, (usage_error.raise_at_caller(NO_LEVEL, check_box, box)))
end

return crop
