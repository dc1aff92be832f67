--- Finds the part of each photo that is used, before a worker starts: the words "auto" and "face",
--- and crop functions. With a function, the script chooses the box of each photo in Lua:
--
--     prepare = { crop = function(facts)
--       local face = detect(facts.path)          -- facts.width and height are as displayed
--       return { x = face.x - 100, y = face.y - 150, width = 600, height = 600 }
--     end }

local crop_choice = require "novita.image.crop_choice"
local faces = require "novita.image.faces"
local failure = require "novita.base.error"
local probe = require "novita.image.probe"
local usage_error = require "novita.schema.usage_error"

local crop = {}

local NO_LEVEL <const> = 10000 -- a level that the stack does not have: errors name no line

---@class novita.CropFacts: novita.Probed
---@field path? string of the file, if the photo is a file
---@field bytes? string the file's contents, if the script gave them

---@alias novita.CropFunction fun(facts: novita.CropFacts): novita.CropChoice|nil
--- the part to use; nil means "center". The function may wait.

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

-- {====== a function ======

local function is_below(v, least)
  return math.type(v) ~= nil and v < least
end

-- The box of a detector may start outside the photo, or be empty. That is an error of this photo;
-- in fixed options it would be wrong use.
local function is_outside(box)
  return is_below(box.x, 0) or is_below(box.y, 0) or is_below(box.width, crop_choice.LEAST)
    or is_below(box.height, crop_choice.LEAST)
end

local function outside(facts, box)
  local function side(name)
    return math.type(box[name]) and ("%g"):format(box[name]) or tostring(box[name])
  end
  return failure.new { kind = "image", code = "crop", message =
    ("has %d x %d pixels, and the crop box of %s x %s at %s, %s is not inside: choose another box")
      :format(facts.width, facts.height, side "width", side "height", side "x", side "y") }
end

local function check_result(value)
  if type(value) ~= "table" and type(value) ~= "string" then
    usage_error.must_be("the result of the crop function", crop_choice.FORMS .. ", or nil", value)
  end
  return crop_choice.read(value, "crop")
end

-- Asks the script. An error of its function is an error of this photo: the other photos are good,
-- and a training has no line of the script where it could raise.
local function ask(fn, facts)
  local ok, value = pcall(fn, facts)
  if ok then
    return value
  elseif failure.is(value) or failure.is_memory(value) then
    error(value, 0) -- such as a canceled wait in the function
  end
  return nil, failure.new { kind = "image", code = "crop", message =
    "the crop function raised an error: " .. tostring(value) }
end

local function chosen_by(fn, source, options)
  local facts, err = facts_of(source, options)
  if not facts then
    return nil, err
  end
  local value
  value, err = ask(fn, facts)
  if err then
    return nil, err
  elseif type(value) == "table" and is_outside(value) then
    return nil, outside(facts, value)
  end
  return value == nil and "center"
    or usage_error.raise_at_caller(NO_LEVEL, check_result, value)
end

-- }======

local function with_crop(options, value)
  local copy = {}
  for name, other in pairs(options) do
    copy[name] = other
  end
  copy.crop = value
  return copy
end

--- The options for one photo, with a crop that the C core knows: a box, "top", or nil; and the
--- detector, if the C core is to take the part around the largest face. Without a face, and where
--- nothing is cut off, it takes the centre.
---@param source novita.Source
---@param options novita.PrepareOptions checked
---@return novita.PrepareOptions? options
---@return novita.faces.Detector|novita.Error|nil detector_or_err the photo's header cannot be read,
--- the function raised an error, the box is not inside, or no face detector is installed
function crop.resolve(source, options)
  local value = options.crop
  if type(value) == "function" then
    local chosen, err = chosen_by(value, source, options)
    if not chosen then
      return nil, err
    end
    value = chosen
  end
  if value == "auto" then
    value = faces.missing() and "center" or "face"
  end
  if value ~= "face" then
    return with_crop(options, value ~= "center" and value or nil)
  end
  local detector, err = faces.detector()
  if not detector then
    return nil, err
  end
  return with_crop(options, nil), detector
end

return crop
