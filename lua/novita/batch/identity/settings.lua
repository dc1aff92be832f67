--- The identity of a training: params that ask the service for the same are the same training,
--- however they are written.
--
-- The hashes in a journal are of params as they were written, and stay: a version that compared
-- another form of them would not find what an earlier one has paid for. So forms are compared, and
-- only while a program runs: nothing here is stored.

local image_options = require "novita.image.options"
local json = require "novita.json"
local presets = require "novita.forms.presets"
local training_of = require "novita.batch.identity.training"

local settings = {}

local function copy_of(fields)
  local copy = {}
  for name, value in pairs(fields or {}) do
    copy[name] = value
  end
  return copy
end

local function filled(list)
  return type(list) == "table" and next(list) == nil and nil or list
end

local function trimmed(text)
  return text and text:match "^%s*(.-)%s*$"
end

--- A crop as it counts: nil if it is the default of its kind of training.
---@param crop? novita.CropChoice
---@param task_type "subject"|"style"
---@return novita.CropChoice?
function settings.crop(crop, task_type)
  local is_default = crop == "auto" or crop == "center" and task_type == "style"
  return not is_default and crop or nil
end

local function preparation_of(given, task_type)
  if not given then
    return given
  end
  local read = image_options.prepare(given, "prepare")
  read.crop = settings.crop(given.crop, task_type)
  return filled(read)
end

-- The body of the request, with its expert settings, and without the photos.
local function body_of(training, photos)
  local body = copy_of(training.partial_body)
  local expert = copy_of(body.expert_setting)
  expert.instance_prompt = trimmed(expert.instance_prompt)
  if training.auto_steps then
    expert.max_train_steps = photos and presets.steps(photos) or "auto"
  end
  body.name, body.image_dataset_items, body.expert_setting = nil, nil, expert
  return body
end

--- The settings of a training, without its name and its photos: all that the request has, with its
--- defaults, and all that the photos are prepared with. Raises a message if the params are wrong.
---@param params table
---@param photos? integer how many the training has
---@return table
function settings.of(params, photos)
  local training = training_of(params)
  return {
    task_type = training.task_type,
    body = body_of(training, photos),
    prepare = preparation_of(training.also.prepare, training.task_type),
    captions = filled(training.captions),
    caption = training.caption,
    crops = filled(training.crops),
    crop = settings.crop(training.crop, training.task_type),
  }
end

--- Whether two trainings have the same settings. Their names and photos do not count.
---@param a table params
---@param b table params
---@param photos? integer how many each has
---@return boolean
function settings.are_same(a, b, photos)
  local ok, text = pcall(function()
    return json.encode(settings.of(a, photos))
  end)
  local also, other = pcall(function()
    return json.encode(settings.of(b, photos))
  end)
  return ok and also and text == other -- an older version has accepted other params
end

--- Params with each setting in one form, and still with their names.
---@param params table
---@return table copy
function settings.plain(params)
  local made, task_type = copy_of(params), params.task_type
  if made.width and made.width == made.height then
    made.size, made.width, made.height = made.width, nil, nil
  end
  made.class_prompt = made.class_prompt ~= "person" and made.class_prompt or nil
  made.instance_prompt = trimmed(made.instance_prompt)
  made.crop = settings.crop(made.crop, task_type)
  made.crops, made.captions = filled(made.crops), filled(made.captions)
  made.prepare = filled(made.prepare)
  return made
end

return settings
