--- Checks the photos of a training, and prepares each of them for its upload.

local and_more = require "novita.base.and_more"
local errors = require "novita.base.error"
local faces = require "novita.image.faces"
local files = require "novita.dataset.files"
local image = require "novita.image"
local image_options = require "novita.image.options"
local photo_crop = require "novita.dataset.photo_crop"
local preparation = require "novita.dataset.preparation"
local prepare_op = require "novita.image.prepare_op"
local sendable = require "novita.image.sendable"

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
  if options == false then -- it is uploaded as it is
    return sendable(source_of(item))
  end
  local probed = options and { lenient = options.lenient, limits = options.limits } or nil
  return image.probe(source_of(item), probed)
end

-- Whether faces are to be looked for in a photo, and cannot.
local function lacks_detector(items, options)
  for _, item in ipairs(options and items or {}) do
    if photo_crop.options(item, options).crop == "face" then
      return faces.missing()
    end
  end
end

--- Checks the headers of all photos, so that a bad photo is named before anything is sent.
---@param items novita.DatasetItem[]
---@param options? table|false how they will be prepared: checked as leniently and within the same
--- limits
---@return novita.Error? err
function photos.check(items, options)
  local names, first = {}, lacks_detector(items, options)
  if first then
    return first
  end
  for _, item in ipairs(items) do
    if not item.assets_id then
      local facts, err = probe(item, options)
      if not facts then
        first = first or name_photo(item, err)
        names[#names + 1] = files.shown(item.name or item.path or "a photo")
      end
    end
  end
  return first and and_more(first, #names, "photo", names)
end

--- Whether the params do not choose how the photos of a training are cropped.
---@param plan novita.TrainingPlan
---@return boolean
function photos.is_automatic(plan)
  local given = plan.also.prepare
  local chosen = type(given) == "table" and given.crop or plan.crop
  return plan.task_type == "subject" and (chosen == nil or chosen == "auto")
end

local function choose_crop(plan, options)
  if options.crop == "auto" then
    options.crop = nil
  end
  if photos.is_automatic(plan) and (options.fit or "cover") == "cover" then
    options.crop = photo_crop.automatic(plan.person)
  end
end

local function preparation_of(plan)
  if plan.also.prepare == false then
    return false
  end
  local body, options = plan.partial_body, image_options.prepare(plan.also.prepare, "prepare")
  if options.width or options.height or options.size then
    choose_crop(plan, options)
    return options
  end
  if options.fit == nil and plan.face_crop then
    options.fit = "inside"
    options.width, options.height = body.width * FACE_ROOM, body.height * FACE_ROOM
    bounds[options] = options.crop == nil
  else
    options.width, options.height = body.width, body.height
    choose_crop(plan, options)
  end
  return options
end

--- The options of novita.image.prepare for a training, made once. With a face crop the service
-- looks for the face, so it gets the whole image. Only for use inside a check (see
-- novita.schema.usage_error).
---@param plan novita.TrainingPlan with `face_crop`, and `also` with the form's own `prepare`
---@return table|false options false: the photos are uploaded as they are
function photos.preparation(plan)
  if plan.preparation == nil then
    plan.preparation = preparation_of(plan)
  end
  return plan.preparation
end

-- A photo that is within the bounds keeps its size, and so does a box of it.
local function for_photo(item, options)
  local own = photo_crop.options(item, options)
  local facts = bounds[options] and probe(item, options)
  local taken = facts and type(own.crop) == "table" and own.crop or facts
  if not taken or taken.width > own.width or taken.height > own.height then
    return own
  end
  local kept = {}
  for name, value in pairs(own) do
    kept[name] = value
  end
  kept.width, kept.height = nil, nil
  return kept
end

--- Prepares one photo for its upload, and waits.
---@param item novita.DatasetItem
---@param options table|false
---@param loop novita.async.Loop
---@return table? source for client.assets:upload, with `facts`; give it to `photos.free` afterwards
---@return novita.Error? err
function photos.prepare(item, options, loop)
  if not options then
    return { path = item.path, bytes = item.bytes }
  end
  options = for_photo(item, options)
  local checked = preparation.find(item, options)
  if checked then
    return { bytes = checked.bytes, extension = checked.format, path = item.name, facts = checked }
  end
  local prepared, err = prepare_op.op(source_of(item), options, loop)
  if not prepared then
    return nil, name_photo(item, err)
  end
  local facts = prepared:info()
  return { prepared = prepared, extension = facts.format, path = item.name, facts = facts }
end

--- Frees the memory of a prepared photo at once.
function photos.free(source)
  if source.prepared then
    source.prepared:close()
  end
end

return photos
