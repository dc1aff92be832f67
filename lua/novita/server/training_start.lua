--- The start of a training: its folder, as its trainer wants it, and the trainer.

local class_images = require "novita.server.class_images"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local lfs = require "lfs"
local photos = require "novita.server.photos"
local settings = require "novita.server.trainers.settings"
local task_folder = require "novita.server.task_folder"
local trainer = require "novita.server.trainer"
local trainers = require "novita.server.trainers"

local training_start = {}

--- Why this server cannot do a training; its photos are not checked.
---@param engine novita.server.Engine
---@param body table of the request
---@return string? why one line for a person
function training_start.fault(engine, body)
  local base = engine.options.base_models[body.base_model]
  if not base then
    return ("this server has no base model %s"):format(body.base_model)
  end
  return trainers.refusal(engine.options, body, base) or class_images.refusal(engine, body)
end

local function failed(message)
  return nil, errors.new { kind = "trainer", code = "request", message = message }
end

local function make_folder(engine, training, body, folder, slot)
  local list, why = photos.of(engine, training.account, body)
  if not list then
    return failed(why)
  end
  local base = engine.options.base_models[body.base_model]
  local class, err = class_images.get(engine, { training = training, body = body, base = base,
    slot = slot })
  if not class then
    return nil, err
  end
  local layout = trainers.layout(engine.options, body, base, folder, list)
  body.base_path, body.family = base.path, base.family
  return task_folder.create(folder, { photos = list, params = body, files = layout.files,
    captions_beside = layout.captions_beside, class_photos = class })
end

-- An earlier trainer is killed. Images that a trainer was making may be cut off: it makes
-- all of them again.
local function begin_anew(engine, body, folder)
  local done, err = trainer.kill_earlier(folder)
  local class = folder .. "/class"
  if not done or engine.options.generator or #files.list(class) == settings.CLASS_IMAGES
    or not class_images.are_needed(body) then
    return done, err
  end
  done, err = files.remove(class)
  if not done then
    return nil, err
  end
  return files.make_folder(class)
end

--- Makes the folder of a training; if it is there, what has run in it is killed.
---@param engine novita.server.Engine
---@param training novita.server.TrainingRow
---@param body table of the request
---@param folder string
---@param slot integer
---@return boolean? done
---@return novita.Error? err
function training_start.prepare(engine, training, body, folder, slot)
  local why = training_start.fault(engine, body) -- the options may be others since its creation
  if why then
    return failed(why)
  elseif lfs.attributes(folder, "mode") == "directory" then
    return begin_anew(engine, body, folder)
  end
  return make_folder(engine, training, body, folder, slot)
end

---@param engine novita.server.Engine
---@param body table of the request
---@param folder string
---@param slot integer
---@return novita.server.Trainer?
---@return novita.Error? err
function training_start.start(engine, body, folder, slot)
  local options = engine.options
  local base = options.base_models[body.base_model]
  local plan = trainers.plan(options, body, base, folder)
  return trainer.start { commands = plan.commands, bar = plan.bar, model = plan.model, slot = slot,
    steps = settings.steps(body), folder = folder, environment = options.environment,
    timeout = options.timeout, silence = options.silence, grace = options.grace }
end

--- Keeps what other trainings can use, when a trainer has succeeded.
---@param engine novita.server.Engine
---@param body table of the request
---@param folder string
function training_start.keep(engine, body, folder)
  local base = engine.options.base_models[body.base_model]
  class_images.keep(engine, body, base, folder .. "/class")
end

return training_start
