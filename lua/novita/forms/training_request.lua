--- Builds the body of a training; client:train{} starts here. Checks everything that can be checked
--- without the disk or the network.

local caption_source = require "novita.dataset.caption_source"
local crop_source = require "novita.dataset.crop_source"
local components = require "novita.forms.components"
local dataset = require "novita.dataset"
local files = require "novita.dataset.files"
local definitions = {
  subject = require "novita.fields.subject_training",
  style = require "novita.fields.style_training",
}
local left_out = require "novita.dataset.left_out"
local image_options = require "novita.image.options"
local params = require "novita.forms.params"
local shorthands = require "novita.fields.training_shorthands"
local image_items = require "novita.dataset.image_items"
local images_most = require("novita.fields.training").images_most
local set = require "novita.dataset.set"
local photo_crop = require "novita.dataset.photo_crop"
local presets = require "novita.forms.presets"
local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"

local STEPS_MUCH <const> = 5 * presets.steps(math.huge)

local training_request = {}

---@class novita.TrainingPlan
---@field task_type "subject"|"style"
---@field definition novita.Rule of the body, for json.encode
---@field images string|table[] the folder, the novita.Dataset, or the items as given
---@field captions? "files"|table
---@field caption? string
---@field crops? table|string
---@field crop? novita.CropChoice
---@field person boolean a person is trained, as the params say
---@field face_crop boolean the service crops the photos around the face
---@field items? novita.Dataset the photos, once plan:resolve() has found them
---@field skipped? novita.SkippedFile[] files in the folder that are not used, likewise
---@field also table<string, any> params that do not belong to the body
---@field preparation? table|false see novita.client.training_photos
---@field warnings string[]
---@field left_out? string
---@field captionless? string
local plan = {}
plan.__index = plan

local function picked(written, names)
  local values = {}
  for _, name in ipairs(names) do
    values[name] = written[name]
  end
  return values
end

-- The names of the expert settings of a training.
local function expert_names(definition)
  return schema.names(schema.field(definition, "expert_setting"))
end

-- By definition: the expert settings, as a set.
local is_expert = {}
-- How the params have each of them, by its path in the body.
local expert_written = {}
for _, definition in pairs(definitions) do
  is_expert[definition] = {}
  for _, name in ipairs(expert_names(definition)) do
    is_expert[definition][name] = true
    expert_written["expert_setting." .. name] = name
  end
end
local written_as = { __index = expert_written }

-- The expert settings are flat in the params. max_train_steps = "auto" depends on the number of
-- photos, which is known later.
local function take_expert(written, fields, definition)
  local settings, known = {}, is_expert[definition]
  for name, value in pairs(written) do -- fewer than the API has
    if known[name] then
      settings[name] = value
    end
  end
  fields.expert_setting = settings
  local auto = settings.max_train_steps == "auto"
  if auto then
    settings.max_train_steps = nil
  end
  return auto
end

local function check_components(written)
  for _, name in ipairs { "face_crop", "face_restore" } do
    if written.components ~= nil and written[name] ~= nil then
      usage_error.raise("%s and components are given: give one of them", name)
    end
  end
  if type(written.components) == "table" and next(written.components) == nil then
    usage_error.raise "components is an empty list: leave it out to get a resize to the size"
  end
end

local function crops_faces(list)
  for _, step in ipairs(list) do
    if step.name == "face_crop_region" then
      return true
    end
  end
  return false
end

local function take_components(written, body, warnings)
  if body.components then
    warnings[#warnings + 1] =
      components.size_warning(body.components, body.width, body.height)
    return
  end
  body.components = components.build {
    width = body.width,
    height = body.height,
    face_crop = params.shorthand(shorthands, written, "face_crop"),
    face_restore = params.shorthand(shorthands, written, "face_restore"),
  }
end

local function take_images(written)
  local images, path = params.take(written, "image_dataset_items", "images")
  if images == nil then
    usage_error.raise 'images is missing: give a folder ("photos/anna") or a list of photos'
  end
  images = image_items.check(images, path)
  if type(images) == "table" and not set.is(images) and #images > images_most then
    usage_error.raise("%s has %d photos: a training takes 1 to %d", path, #images, images_most)
  end
  return images
end

local function take_params(written, definition)
  local fields = picked(written, { "name", "base_model", "components" })
  local names = setmetatable({}, written_as)
  params.take_size(written, fields, names)
  if fields.width == nil and fields.height == nil then
    usage_error.raise "size is missing: give size, or width and height (integers >= 1)"
  end
  local auto = take_expert(written, fields, definition)
  return fields, names, auto
end

local later = { image_dataset_items = true, components = true }

-- The preset's own settings are known to be right, so they are not checked and cause no warning.
local function fill_in(body, preset)
  for name, value in pairs(preset.expert) do
    if body.expert_setting[name] == nil then
      body.expert_setting[name] = value
    end
  end
end

-- The params, completed with the shorthands of the preset. Fields that only a metatable has are no
-- params.
local function with_preset(written, preset)
  if next(preset.params) == nil and not getmetatable(written) then
    return written
  end
  local copy = {}
  for name, value in pairs(written) do
    copy[name] = value
  end
  for name, value in pairs(preset.params) do
    local own = name:find "^face_" and written.components ~= nil
    if copy[name] == nil and not own then
      copy[name] = value
    end
  end
  return copy
end

local function needed_later(preset)
  if next(preset.expert) == nil then
    return later
  end
  local all = {}
  for _, names in ipairs { later, preset.expert } do
    for name in pairs(names) do
      all[name] = true
    end
  end
  return all
end

-- The fields of the body except expert_setting, whose fields are params themselves.
local function flat_names(definition)
  local names = {}
  for _, name in ipairs(schema.names(definition)) do
    names[#names + 1] = name ~= "expert_setting" and name or nil
  end
  return names
end

local function param_names(definition)
  local names, more = flat_names(definition), expert_names(definition)
  return table.move(more, 1, #more, #names + 1, names)
end

local names_by_type = {}
for task_type, definition in pairs(definitions) do
  names_by_type[task_type] = param_names(definition)
end

--- Refuses names that are params of no training. Only for use inside a check.
---@param written table
---@param path string what it is called in messages
---@param also string[] other names that it may have
function training_request.refuse_unknown(written, path, also)
  params.refuse_wrappers(written, "expert_setting")
  local names, seen = {}, {}
  for _, list in ipairs { params.names(shorthands), names_by_type.subject,
    names_by_type.style, also } do
    for _, name in ipairs(list) do
      names[#names + 1] = not seen[name] and name or nil
      seen[name] = true
    end
  end
  schema.refuse_unknown(written, names, path, { noun = "a training" })
end

local function definition_of(written, also)
  if type(written) ~= "table" then
    params.check_names(written, { noun = "a training" })
  end
  params.refuse_wrappers(written, "expert_setting")
  local task_type = params.shorthand(shorthands, written, "task_type")
  local definition = definitions[task_type]
  params.check_names(written, definition, names_by_type[task_type], params.names(shorthands), also)
  return definition, task_type
end

local function check_crops(written)
  local source = crop_source.check(written.crops, written.crop)
  local name = source.one and "crop" or source.by_name and next(source.by_name) and "crops"
  if name and written.prepare == false then
    usage_error.raise("%s has no effect with prepare = false: leave one of them out", name)
  elseif written.crop ~= nil and type(written.prepare) == "table"
    and written.prepare.crop ~= nil then
    usage_error.raise "crop and prepare.crop are given: give one of them"
  end
end

-- More steps cost time, and perhaps money: one zero too many should not pass in silence.
local function add_steps_warning(warnings, steps)
  if steps and steps > STEPS_MUCH then
    warnings[#warnings + 1] = ("max_train_steps is %d: the service's playground takes %d for each "
      .. "photo, %d at most"):format(steps, presets.steps(1), presets.steps(math.huge))
  end
end

-- The API knows no largest size, but an image has one.
local function check_size(body)
  for _, side in ipairs { "width", "height" } do
    if (body[side] or 0) > image_options.SIDE_MOST then
      usage_error.must_be(side, ("an integer from 1 to %d"):format(image_options.SIDE_MOST),
        body[side])
    end
  end
end

local function trains_person(written, expert)
  return written.task_type == "subject" and (written.preset == "face"
    or written.class_prompt ~= nil or photo_crop.is_person(expert.instance_prompt))
end

local function build(written, also)
  local definition, task_type = definition_of(written, also)
  local preset = presets.of(params.shorthand(shorthands, written, "preset"), task_type)
  written = with_preset(written, preset)
  check_components(written)
  caption_source.check(written.captions, written.caption)
  check_crops(written)
  local fields, names, auto = take_params(written, definition)
  local options = { written = names, later = needed_later(preset) }
  local body, warnings = schema.apply(definition, fields, options)
  fill_in(body, preset)
  if written.prepare ~= false then
    check_size(body)
  end
  take_components(written, body, warnings)
  add_steps_warning(warnings, body.expert_setting.max_train_steps)
  return setmetatable({
    task_type = task_type,
    definition = definition,
    partial_body = body,
    images = take_images(written),
    captions = written.captions,
    caption = written.caption,
    crops = written.crops,
    crop = written.crop,
    person = trains_person(written, body.expert_setting),
    auto_steps = auto,
    face_crop = crops_faces(body.components),
    also = picked(written, also),
    warnings = warnings,
  }, plan)
end

--- Checks the params of a training. Raises at the caller's line if they are wrong.
---@param written table fields of the API's page (the expert settings flat) and of
--- novita.fields.training_shorthands
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@param also? string[] other names that the params may have; their values are in plan.also
---@return novita.TrainingPlan
function training_request.plan(written, level, also)
  local made = usage_error.raise_at_caller(level or 1, build, written, also or {})
  return made
end

local function captionless(items)
  local count = 0
  for _, item in ipairs(items) do
    count = count + (item.caption and 0 or 1)
  end
  return count
end

-- The limits of a training are checked here, because a set may have any number of photos.
local function check_count(found)
  local where = found.folder and files.shown(found.folder) or "images"
  if #found == 0 then
    return files.fail("empty", "%s has no photos left: all were filtered out", where)
  elseif #found <= images_most then
    return true
  end
  local text = "%s has %d photos, a training takes at most %d: remove %d"
  return files.fail("too_many", text, where, #found, images_most, #found - images_most)
end

-- The captions of a style may be missing on purpose, although each photo should have one.
function plan:note_captionless(found)
  local missing = captionless(found)
  if self.task_type == "style" and missing > 0 and not self.captionless then
    self.captionless = (
      "%d of %d photos have no caption: the API documentation requires one for each photo"
    ):format(missing, #found)
    self.warnings[#self.warnings + 1] = self.captionless
  end
end

--- Finds the photos on the disk. Afterwards `left_out` is a line about the files that are not used,
--- or nil, and `captionless` the warning about photos without a caption, which `warnings` has, too.
---@return novita.Dataset? items
---@return novita.Error? err
function plan:resolve()
  local found, err = dataset(self.images, {
    captions = self.captions,
    caption = self.caption,
    crops = self.crops,
    crop = self.crop,
  })
  local ok = found
  if found then
    ok, err = check_count(found)
  end
  if not ok then
    return nil, err
  end
  self.items, self.skipped = found, found.skipped
  self.left_out = type(self.images) == "string" and left_out.in_folder(found) or nil
  self:note_captionless(found)
  return found
end

local function dataset_items(asset_ids, items)
  if #asset_ids > #items then
    usage_error.raise("asset_ids has %d entries for %d photos", #asset_ids, #items)
  end
  local list = {}
  for index, item in ipairs(items) do
    local assets_id = asset_ids[index] or item.assets_id
    if not assets_id then
      usage_error.raise("asset_ids[%d] is missing: there are %d photos", index, #items)
    end
    list[index] = { assets_id = assets_id, caption = item.caption }
  end
  return list
end

local function complete(self, asset_ids, items)
  items = items or self.items or self.images
  if type(items) ~= "table" then
    usage_error.raise "the photos are not known yet: call plan:resolve() first"
  end
  local body = schema.apply(self.definition, self.partial_body, { later = later })
  body.image_dataset_items = dataset_items(asset_ids, items)
  if self.auto_steps then
    body.expert_setting.max_train_steps = presets.steps(#items)
  end
  return (schema.apply(self.definition, body))
end

--- The whole body, a new table each time.
---@param asset_ids (string|false)[] in the order of the photos; false if the item has its own
---@param items? table[] the photos with their captions, if plan:resolve() was not called
---@return table body for json.encode(body, { order = plan.definition })
function plan:body(asset_ids, items)
  local body = usage_error.raise_at_caller(1, complete, self, asset_ids, items)
  return body
end

return training_request
