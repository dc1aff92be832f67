--- The engine of a server that trains, for novita.service: processes, files and a database.

local base_models = require "novita.server.base_models"
local clean_up = require "novita.server.clean_up"
local crypto = require("novita.service.core").crypto
local data_folder = require "novita.server.data_folder"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local images = require "novita.server.images"
local keys = require "novita.server.keys"
local log_lines = require "novita.server.log_lines"
local photos = require "novita.server.photos"
local room = require "novita.server.room"
local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local sleep = require "novita.async.sleep"
local slots = require "novita.server.slots"
local trainings = require "novita.server.trainings"

---@class novita.server.Engine: novita.service.Engine
---@field folder string
---@field options novita.server.Options
---@field store novita.server.Store
---@field slots novita.server.Slots
---@field image_slots novita.server.Slots
---@field class_permits table a semaphore: images of one class at a time are made
---@field open_images table<string, { done: number, started: number? }> image tasks that have not
--- ended, by id
---@field running table<string, novita.server.Trainer> by the id of the training
---@field canceled table<string, true> by the id of the training
---@field interrupted table<string, true> those that ran when the server ended, and must fail
---@field log novita.server.Log
local Engine = {}
Engine.__index = Engine

local engine = {}

function Engine.now()
  return crypto.time()
end

-- {====== accounts ======

function Engine:account(key)
  return self.store:account(keys.hash(self.store, key))
end

function Engine.balance()
  return 0 -- nothing costs anything
end

-- }======

-- {====== photos and trainings ======

function Engine:create_asset(account, extension)
  local refusal = room.refusal(self) or photos.refusal(self, account)
  if refusal then
    return nil, refusal
  end
  return photos.create(self, account, extension)
end

function Engine:find_asset(path)
  return self.store:asset_of_path(path)
end

function Engine:spool_path()
  return ("%s/spool/%s"):format(self.folder, crypto.hex(crypto.random(16)))
end

function Engine:has_room(path, size)
  local asset = self.store:asset_of_path(path)
  return asset ~= nil and not room.refusal(self) and photos.fit(self, asset, size)
end

function Engine:store_asset(asset, upload)
  return photos.store(self, asset, upload)
end

function Engine:create_training(account, order)
  return trainings.create(self, account, order)
end

function Engine:find_training(account, id)
  return self.store:training(account, id)
end

function Engine:describe_training(training)
  return trainings.describe(self, training)
end

function Engine:list_trainings(account, kind, offset, limit)
  return self.store:trainings(account, kind, offset, limit)
end

-- }======

-- {====== models ======

---@param file string
---@return string
function Engine:model_path(file)
  return ("%s/models/%s"):format(self.folder, file)
end

local function entry(self, training)
  local body = trainings.body(training)
  local base = self.options.base_models[body.base_model]
  return { id = training.number, name = body.name, file = training.model, type = "lora",
    api_name = training.model:gsub("%.safetensors$", ""), source = "training",
    visibility = "private", sdxl = base ~= nil and base.family == "sdxl", has_file = true,
    sha256 = training.sha256 }
end

function Engine:list_models(account)
  local list = {}
  for i, training in ipairs(self.store:serving(account)) do
    list[i] = entry(self, training)
  end
  return base_models.list(self.options.base_models, list)
end

function Engine.model_sha256(_, model)
  return model.sha256 or "" -- that of a base model takes minutes
end

function Engine:open_model(file)
  local training = self.store:serving_model(file)
  local size = training and files.size(self:model_path(file))
  return size and { file = self:model_path(file), size = size, type = "application/octet-stream",
    etag = ('"%s"'):format(training.sha256:sub(1, 32)) } or nil
end

function Engine:find_lora(account, name)
  local training = self.store:serving_model(name:gsub("%.safetensors$", "") .. ".safetensors")
  return training and training.account == account and training or nil
end

-- }======

-- {====== images ======

function Engine:create_image_task(account, order)
  return images.create(self, account, order)
end

function Engine:find_image_task(account, id)
  return self.store.images:find(account, id)
end

function Engine:describe_image_task(task)
  return images.describe(self, task)
end

function Engine:image_task_ended(task)
  return images.has_ended(self, task)
end

function Engine:webhook_settled(id)
  self.store.images:clear_webhook(id)
end

function Engine:open_image(path)
  return images.open(self, path)
end

-- }======

local DAY <const> = 86400

-- Files that are in no table, because the server was killed while it removed them. Models are left:
-- the table may be that of an older copy.
local function sweep(self)
  local known = { photos = self.store.has_asset, tasks = self.store.any_training,
    images = function(store, id) return store.images:any(id) end }
  for folder, is_known in pairs(known) do
    for _, name in ipairs(files.list(("%s/%s"):format(self.folder, folder))) do
      local path = ("%s/%s/%s"):format(self.folder, folder, name)
      if not is_known(self.store, name) and files.age(path) > DAY then
        files.remove(path)
      end
    end
  end
end

-- The incomplete uploads of a server that was killed.
local function clear_spool(folder)
  for _, name in ipairs(files.list(folder .. "/spool")) do
    files.remove(("%s/spool/%s"):format(folder, name))
  end
end

-- {====== work that no request asks for ======

local PROGRESS_EVERY <const> = 2 -- seconds
local CLEAN_EVERY <const> = 300

local function note_progress(self)
  local list = {}
  for id, running in pairs(self.running) do
    list[#list + 1] = { id = id, percent = running.progress:percent(),
      eta = running.progress:eta() }
  end
  if list[1] then
    self.store:set_progress(list)
  end
end

-- A full disk must not end the ticks.
local function try(self, what)
  local ok, raised = pcall(what, self)
  if not ok then
    self.log("error", { reason = errors.caught(raised).message })
  end
  return ok and raised
end

--- To call at short intervals.
function Engine:tick()
  local now = crypto.now()
  if now >= self.progress_at then
    self.progress_at = now + PROGRESS_EVERY
    try(self, note_progress)
  end
  if now >= self.clean_at then -- at once again, as long as there is more
    self.clean_at = try(self, clean_up) and now or now + CLEAN_EVERY
  end
end

-- }======

local PAUSE <const> = 5 -- seconds

-- A training whose state cannot be written, such as on a full disk, begins anew after a pause; any
-- other error that was raised ends it.
local function give_up(self, id, key, err)
  self.log("error", { id = id, reason = err.message })
  if err.kind == "file" or not pcall(trainings.fail, self, id, err.message) then
    self.running[id] = nil
    sleep(scheduler.own(), PAUSE)
    self.slots:add(key, id)
  end
end

local function give_up_images(self, task, err)
  self.log("error", { id = task.id, reason = err.message })
  if err.kind == "file" or not pcall(images.finish, self, task, err.message) then
    sleep(scheduler.own(), PAUSE)
    images.add(self, task)
  end
end

--- Opens the data folder and continues what had not ended. Raises a novita.Error.
---@param options novita.server.Options
---@return novita.server.Engine
function engine.open(options)
  local folder = options.data
  data_folder.make(folder)
  local held = data_folder.lock(folder)
  clear_spool(folder)
  local self = setmetatable({ folder = folder, options = options, lock = held, running = {},
    canceled = {}, interrupted = {}, open_images = {},
    class_permits = semaphore(scheduler.own(), 1), progress_at = 0, clean_at = 0,
    log = log_lines.new(options.log), store = data_folder.store(folder) }, Engine)
  if options.keys then
    keys.set(self.store, options.keys)
  end
  self.slots = slots.new(options.slots, function(id, slot)
    trainings.run(self, id, slot)
  end, function(id, raised, key)
    give_up(self, id, key, errors.caught(raised))
  end)
  self.image_slots = slots.new(options.generator_slots, function(task, slot)
    images.run(self, task, slot)
  end, function(task, raised)
    give_up_images(self, task, errors.caught(raised))
  end)
  sweep(self)
  trainings.resume(self)
  images.resume(self)
  return self
end

return engine
