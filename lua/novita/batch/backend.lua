--- The world of a runner: the clock, the photos and the service, through a client.
-- Specs put another one in its place.

local async = require "novita.async"
local core = require "novita.core"
local errors = require "novita.base.error"
local lfs = require "lfs"
local training_photos = require "novita.client.training_photos"
local txt2img_request = require "novita.forms.txt2img_request"

local service = {}

--- Finds the photos of a training and looks at each.
---@param training novita.TrainingPlan
---@return novita.DatasetItem[]?
---@return novita.Error? err
function service.photos_of(training)
  local items, err = training:resolve()
  local wish = training_photos.preparation(training)
  err = err or training_photos.check(items, wish)
  if err then
    return nil, err
  end
  return items
end

---@class novita.batch.World
local World = {}
World.__index = World

--- Seconds of a clock that never goes back.
function World.now()
  return core.now()
end

--- Unix seconds of the service's clock, as far as its answers have told.
function World:server_now()
  return os.time() + (self.client.clock_offset or 0)
end

function World.sleep(_, seconds)
  async.sleep(seconds)
end

--- The photos of a training.
function World.resolve(_, training)
  return service.photos_of(training)
end

--- What tells a file from what it was before, without reading it.
---@return string
function World.identity(_, item)
  local facts = lfs.attributes(item.path) or {}
  return ("%s:%s:%s:%s:%s"):format(item.path, facts.ino, facts.size, facts.modification,
    facts.change)
end

local function hash_of(source)
  local hash = core.sha256()
  if source.prepared then
    return hash:add(source.prepared:bytes()):hex()
  end
  local file = io.open(source.path, "rb")
  if not file then
    return "" -- the upload will say what is wrong
  end
  for piece in file:lines(65536) do
    hash:add(piece)
  end
  file:close()
  return hash:hex()
end

--- Makes a photo ready for its upload; `hash` is of the bytes that go up.
function World.prepare(_, item, wish)
  local source, err = training_photos.prepare(item, wish)
  if source then
    source.hash = hash_of(source)
  end
  return source, err
end

function World:upload(source)
  local id, err = self.client.assets:upload {
    path = source.path,
    bytes = source.bytes,
    prepared = source.prepared,
  }
  return id, err
end

function World.free(_, source)
  training_photos.free(source)
end

--- The paid call, once.
---@return string? task_id
---@return novita.Error? err
function World:create(kind, body, definition)
  return self.client.training:create(kind, body, definition)
end

--- Looks for a task by its name, through the whole list: its order is not documented.
---@return { task_id: string, task_type?: string }? task nil where it is not there
---@return novita.Error? err where it could not be looked for
function World:find(name)
  local list = self.client.training:list { name = name }
  return list:first()
end

local function follow(task, tell, timeout)
  local deadline = timeout and core.now() + timeout
  for status in task:updates(deadline and math.max(0.01, math.min(5, timeout))) do
    if deadline and core.now() >= deadline and not task:done() then
      return nil, errors.new {
        kind = "timeout",
        code = "deadline",
        message = ("task %s: given up here; it goes on at the service"):format(task.task_id),
        task_id = task.task_id,
      }
    end
    tell(status)
  end
  local model, err = task:result()
  return model and model.model_name, err
end

--- Watches a task until it ends.
---@return string? model_name
---@return novita.Error? err
function World:wait(task_id, kind, timeout, tell)
  local task <close> = self.client:attach(task_id, kind)
  return follow(task, tell, timeout)
end

local function save_all(shots, folder, name)
  local paths = {}
  for i, shot in ipairs(shots) do
    local path = ("%s/%s-%d.%s"):format(folder, name:gsub("[/%c]", "_"), i, shot.type or "png")
    local saved, err = shot:save(path)
    if not saved then
      return nil, err
    end
    paths[i] = path
  end
  return paths
end

-- What is ordered for a model.
local function order(samples, name, model_name)
  local params = {}
  for field, value in pairs(samples) do
    params[field] = value
  end
  params.folder, params.strength = nil, nil
  params.prompt = samples.prompt:gsub("{name}", (name:gsub("%%", "%%%%")))
  params.loras = { { model = model_name, strength = samples.strength or 1 } }
  return params
end

--- Draws and saves sample pictures.
---@return string[]? paths
---@return novita.Error? err
function World:draw(samples, name, model_name)
  local params = order(samples, name, model_name)
  lfs.mkdir(samples.folder)
  local task <close> = self.client:txt2img(params)
  local shots, err = task:wait()
  if not shots then
    return nil, err
  end
  return save_all(shots, samples.folder, name)
end

--- Checks what is wanted as samples, before anything is paid for; raises where it is wrong.
---@param samples table
---@param level integer whose line is blamed
function service.check_samples(samples, level)
  txt2img_request.body(order(samples, "name", "model.safetensors"), level + 1)
end

---@param client novita.Client
---@return novita.batch.World
function service.new(client)
  return setmetatable({ client = client }, World)
end

return service
