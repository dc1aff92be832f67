--- Images of a class, such as "person", for prior preservation. They are made once for each base
--- model, class and size: by the generator, or else by the trainer if that can. In the folder
--- class/KEY are all of them; class/KEY.part has what a generator has made so far.

local core = require "novita.server.core"
local crypto = require("novita.service.core").crypto
local errors = require "novita.base.error"
local files = require "novita.server.files"
local generator = require "novita.server.generator"
local generators = require "novita.server.generators"
local lfs = require "lfs"
local settings = require "novita.server.trainers.settings"

local class_images = {}

local AT_A_TIME <const> = 25 -- images in one run of the generator

--- Whether a training needs them.
---@param body table of the request
---@return boolean
function class_images.are_needed(body)
  return (body.expert_setting or {}).with_prior_preservation == true
end

-- {====== the cache ======

local function folder_of(engine, body, base)
  local key = table.concat({ base.path, base.checkpoint or "", body.expert_setting.class_prompt,
    body.width, body.height }, "\0")
  return ("%s/class/%s"):format(engine.folder, crypto.hex(crypto.sha256(key)):sub(1, 32))
end

local function photos_in(folder)
  local list = {}
  for i, name in ipairs(files.list(folder)) do
    list[i] = { file = ("%s/%s"):format(folder, name), extension = name:match "[^.]*$" }
  end
  return list
end

-- Those that are used stay in the cache.
local function mark_used(folder)
  if lfs.attributes(folder, "mode") then
    lfs.touch(folder)
  end
end

--- Removes folders that no training has used for a time, and incomplete ones of that age.
---@param engine novita.server.Engine
---@param seconds number
---@return integer count
function class_images.remove_old(engine, seconds)
  local count = 0
  for _, name in ipairs(files.list(engine.folder .. "/class")) do
    local path = ("%s/class/%s"):format(engine.folder, name)
    if files.age(path) > seconds and files.remove(path) then
      count = count + 1
    end
  end
  return count
end

-- A complete folder appears under its name in one step.
local function finish(part, folder)
  local done, err = files.sync_folder(part)
  if not done then
    return nil, err
  end
  return core.rename(part, folder)
end

-- }======

-- {====== by the generator ======

local function request_of(body)
  return { prompt = body.expert_setting.class_prompt, width = body.width, height = body.height,
    steps = 30, guidance_scale = 7.5, sampler_name = "Euler a" }
end

--- Why the generator cannot make them for a training.
---@param engine novita.server.Engine
---@param body table
---@return string? why
function class_images.refusal(engine, body)
  local option = engine.options.generator
  local why = option and class_images.are_needed(body)
    and generators.refusal(option, { request = request_of(body), extra = {} })
  return why and "the images of the class cannot be made: " .. why or nil
end

local function order_of(engine, body, base, number, count)
  local order = request_of(body)
  order.kind, order.seed, order.image_num, order.loras = "txt2img", number, count, {}
  order.base_model, order.base_path, order.family = body.base_model, base.path, base.family
  order.checkpoint = generators.checkpoint(engine.options.generator, body.base_model, base)
  return order
end

local function keep(part, number, images)
  for i, bytes in ipairs(images) do
    local done, err = files.replace(("%s/%04d.png"):format(part, number + i - 1), bytes)
    if not done then
      return nil, err
    end
  end
  return true
end

-- A canceled training stops here, between two runs of the generator.
local function canceled(engine, training)
  return engine.canceled[training.id] and errors.new { kind = "generator", code = "stopped",
    message = "stopped while the images of its class were made" } or nil
end

local function make_some(engine, job, part, number)
  local count = math.min(AT_A_TIME, settings.CLASS_IMAGES - number + 1)
  local work = part .. ".work"
  local done, err = files.make_folder(work)
  if not done then
    return nil, err
  end
  local options = engine.options
  local images, why = generator.run(options.generator, { folder = work, slot = job.slot,
    order = order_of(engine, job.body, job.base, number, count), format = "png",
    timeout = options.generator_timeout, environment = options.environment,
    on_progress = function() end })
  files.remove(work)
  if not images then
    return nil, why
  end
  return keep(part, number, images)
end

local function make_all(engine, job, folder)
  local part = folder .. ".part"
  local done, err = files.make_folder(part)
  local number = #files.list(part) + 1
  while done and number <= settings.CLASS_IMAGES do
    err = canceled(engine, job.training)
    if err then
      return nil, err
    end
    done, err = make_some(engine, job, part, number)
    number = number + AT_A_TIME
  end
  if not done then
    return nil, err
  end
  return finish(part, folder)
end

-- }======

---@class novita.server.ClassJob
---@field training novita.server.TrainingRow
---@field body table
---@field base novita.server.BaseModel
---@field slot integer

--- The images for a training: those that were made before, or by the generator now. In a coroutine.
---@param engine novita.server.Engine
---@param job novita.server.ClassJob
---@return novita.server.TaskPhoto[]? photos none if the trainer must make them, or if it needs none
---@return novita.Error? err
function class_images.get(engine, job)
  if not class_images.are_needed(job.body) then
    return {}
  end
  local permit <close> = engine.class_permits:acquire() -- two trainings of one class: once
  assert(permit)
  local folder = folder_of(engine, job.body, job.base)
  mark_used(folder)
  local photos = photos_in(folder)
  if photos[1] or not engine.options.generator then
    return photos
  end
  local done, err = make_all(engine, job, folder)
  return done and photos_in(folder), err
end

local function link_all(from, part)
  local done, err = files.make_folder(part)
  for i, photo in ipairs(photos_in(from)) do
    if not done then
      return nil, err
    end
    local to = ("%s/%04d.%s"):format(part, i, photo.extension)
    done, err = files.sync(photo.file)
    if done then
      done, err = files.link(photo.file, to)
    end
  end
  return done, err
end

--- Keeps those that a trainer has made, after it has succeeded. If that fails, the next one makes
--- them again.
---@param engine novita.server.Engine
---@param body table
---@param base novita.server.BaseModel
---@param from string class/ of the task
function class_images.keep(engine, body, base, from)
  if not class_images.are_needed(body) or #files.list(from) < settings.CLASS_IMAGES then
    return
  end
  local folder = folder_of(engine, body, base)
  local part = folder .. ".trainer"
  files.remove(part)
  if #files.list(folder) == 0 and link_all(from, part) then
    finish(part, folder)
  end
  files.remove(part)
end

return class_images
