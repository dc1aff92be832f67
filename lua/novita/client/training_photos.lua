--- Checks the photos of a training, and prepares each of them for its upload.

local errors = require "novita.base.error"
local image = require "novita.image"
local image_options = require "novita.image.options"
local preparation = require "novita.dataset.preparation"
local prepare_op = require "novita.image.prepare_op"

local FACE_ROOM <const> = 4 -- with face_crop the service crops: keep this many times the size

local photos = {}

-- Options whose size is only an upper bound: no photo is enlarged for them.
local bounds = setmetatable({}, { __mode = "k" })

local function name_photo(item, err)
  return errors.reword(err, ("%s %s"):format(item.name or item.path or "a photo", err.message))
end

local function source_of(item)
  return item.bytes or { path = item.path }
end

local function probe(item, options)
  local probed = options and { lenient = options.lenient, limits = options.limits } or nil
  return image.probe(source_of(item), probed)
end

--- Checks the headers of all photos, so that a bad photo is named before anything is sent.
---@param items novita.DatasetItem[]
---@param options? table|false how they will be prepared: checked as leniently and within the same
--- limits
---@return novita.Error? err
function photos.check(items, options)
  local bad, first = 0, nil
  for _, item in ipairs(items) do
    if not item.assets_id then
      local facts, err = probe(item, options)
      if not facts then
        bad, first = bad + 1, first or name_photo(item, err)
      end
    end
  end
  if bad > 1 then
    first.message = ("%s (and %d more photos are bad)"):format(first.message, bad - 1)
  end
  return first
end

--- The options of novita.image.prepare for a training. With a face crop the service looks for the
-- face, so it gets the whole image. Only for use inside a check (see novita.schema.usage_error).
---@param plan novita.TrainingPlan with `face_crop`, and `also` with the form's own `prepare`
---@return table|false options false: the photos are uploaded as they are
function photos.preparation(plan)
  if plan.also.prepare == false then
    return false
  end
  local body, options = plan.partial_body, image_options.prepare(plan.also.prepare, "prepare")
  if options.width or options.height or options.size then
    return options
  end
  if options.fit == nil and plan.face_crop then
    options.fit = "inside"
    options.width, options.height = body.width * FACE_ROOM, body.height * FACE_ROOM
    bounds[options] = options.crop == nil
  else
    options.width, options.height = body.width, body.height
  end
  return options
end

-- A photo that is within the bounds keeps its size.
local function for_photo(item, options)
  local facts = bounds[options] and probe(item, options)
  if not facts or facts.width > options.width or facts.height > options.height then
    return options
  end
  local kept = {}
  for name, value in pairs(options) do
    kept[name] = value
  end
  kept.width, kept.height = nil, nil
  return kept
end

--- Prepares one photo for its upload, and waits.
---@param item novita.DatasetItem
---@param options table|false
---@param loop novita.async.Loop
---@return table? source for client.assets:upload; give it to `photos.free` afterwards
---@return novita.Error? err
function photos.prepare(item, options, loop)
  if not options then
    return { path = item.path, bytes = item.bytes }
  end
  options = for_photo(item, options)
  local checked = preparation.find(item, options)
  if checked then
    return { bytes = checked.bytes, extension = checked.format, path = item.name }
  end
  local prepared, err = prepare_op.op(source_of(item), options, loop)
  if not prepared then
    return nil, name_photo(item, err)
  end
  return { prepared = prepared, extension = prepared:info().format, path = item.name }
end

--- Frees the memory of a prepared photo at once.
function photos.free(source)
  if source.prepared then
    source.prepared:close()
  end
end

return photos
