--- The steps of a photo on its way to a training: looked at, prepared, uploaded.

local errors = require "novita.base.error"
local picture = require "novita.image.picture"
local prepare_op = require "novita.image.prepare_op"

local FACE_ROOM <const> = 4 -- with face_crop the service cuts: keep this many times the size

local photos = {}

-- Wishes whose size is no more than an upper bound: nothing is enlarged for them.
local bounds = setmetatable({}, { __mode = "k" })

local function raise_at_caller(item, err)
  return errors.reword(err, ("%s %s"):format(item.name or item.path or "a photo", err.message))
end

local function source_of(item)
  return item.bytes or { path = item.path }
end

local function probe(item, wish)
  local options = wish and { lenient = wish.lenient, limits = wish.limits } or nil
  return picture.probe(source_of(item), options)
end

--- Looks at all headers: a folder with a bad photo should be named before anything is sent.
---@param items novita.DatasetItem[]
---@param wish? table|false how they will be prepared: as leniently, and within the same limits
---@return novita.Error? err
function photos.check(items, wish)
  local bad, first = 0, nil
  for _, item in ipairs(items) do
    if not item.assets_id then
      local facts, err = probe(item, wish)
      if not facts then
        bad, first = bad + 1, first or raise_at_caller(item, err)
      end
    end
  end
  if bad > 1 then
    first.message = ("%s (and %d more photos are bad)"):format(first.message, bad - 1)
  end
  return first
end

--- Options of novita.image.prepare for a training. With a face crop the service looks for
-- the face, so it gets the whole picture.
---@param plan novita.TrainingPlan with `face_crop` and, in `also`, what the form says
---@return table|false wish false: the photos go up as they are
function photos.preparation(plan)
  if plan.also.prepare == false then
    return false
  end
  local body, wish = plan.draft, {}
  for name, value in pairs(plan.also.prepare or {}) do
    wish[name] = value
  end
  if wish.width or wish.height or wish.size then
    return wish
  end
  if wish.fit == nil and plan.face_crop then
    wish.fit, wish.width, wish.height = "inside", body.width * FACE_ROOM, body.height * FACE_ROOM
    bounds[wish] = wish.crop == nil or wish.crop == "center"
  else
    wish.width, wish.height = body.width, body.height
  end
  return wish
end

-- A photo that is inside the bounds keeps its size.
local function for_photo(item, wish)
  local facts = bounds[wish] and probe(item, wish)
  if not facts or facts.width > wish.width or facts.height > wish.height then
    return wish
  end
  local kept = {}
  for name, value in pairs(wish) do
    kept[name] = value
  end
  kept.width, kept.height = nil, nil
  return kept
end

--- Makes one photo ready for its upload, and waits.
---@param item novita.DatasetItem
---@param wish table|false
---@return table? source for client.assets:upload; give it to `photos.free` afterwards
---@return novita.Error? err
function photos.prepare(item, wish)
  if not wish then
    return { path = item.path, bytes = item.bytes }
  end
  local prepared, err = prepare_op.op(source_of(item), for_photo(item, wish))
  if not prepared then
    return nil, raise_at_caller(item, err)
  end
  return { prepared = prepared, extension = prepared:info().format, path = item.name }
end

--- Gives up the memory of a prepared photo at once.
function photos.free(source)
  if source.prepared then
    source.prepared:close()
  end
end

return photos
