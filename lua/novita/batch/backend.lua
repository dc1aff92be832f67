--- The backend of a runner: the clock, the photos, and the service through a client. Specs replace
-- it.

local card = require "novita.batch.models.card"
local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local fill_name = require "novita.batch.fill_name"
local keep = require "novita.batch.models.keep"
local lfs = require "lfs"
local lookup = require "novita.batch.models.lookup"
local lost = require "novita.batch.models.lost"
local names = require "novita.batch.models.names"
local cover = require "novita.batch.models.cover"
local sample_files = require "novita.batch.models.sample_files"
local space = require "novita.batch.models.space"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"
local txt2img_request = require "novita.forms.txt2img_request"
local writable_folder = require "novita.batch.models.writable_folder"

local backend = {}

---@class novita.batch.Backend
---@field client novita.Client
---@field loop novita.async.Loop of the client
---@field watchdog? boolean see novita.BatchRunOptions
local Backend = {}
Backend.__index = Backend

--- Seconds of a monotonic clock.
function Backend.now()
  return core.now()
end

--- Unix seconds of the service's clock, as far as its responses have shown.
function Backend:server_now()
  return os.time() + (self.client.clock_offset or 0)
end

function Backend:sleep(seconds)
  self.client:sleep(seconds)
end

--- Passes a warning to the script.
function Backend:warn(text)
  self.client:warn { text }
end

--- Bounds the photos in memory, over all that the client does.
function Backend:photo_permits()
  return self.client.photo_permits
end

--- The photos of a training.
function Backend.resolve(_, training)
  return training_steps.find_photos(training)
end

--- A fingerprint that changes when a file changes, made without reading the file.
---@return string
function Backend.identity(_, item)
  return files.identity(item.path)
end

local function hash_of(source)
  local hash = core.sha256()
  if source.prepared then
    return hash:add(source.prepared:bytes()):hex()
  elseif source.bytes then
    return hash:add(source.bytes):hex()
  end
  local file = io.open(source.path, "rb")
  if not file then
    return "" -- the upload will report the error
  end
  for chunk in file:lines(65536) do
    hash:add(chunk)
  end
  file:close()
  return hash:hex()
end

--- Prepares a photo for its upload; `hash` is of the bytes that are uploaded.
function Backend:prepare(item, options)
  local source, err = training_photos.prepare(item, options, self.loop)
  if source then
    source.hash = hash_of(source)
  end
  return source, err
end

function Backend:upload(source)
  local id, err = self.client.assets:upload {
    path = source.path,
    bytes = source.bytes,
    prepared = source.prepared,
    extension = source.extension,
  }
  return id, err
end

function Backend.free(_, source)
  training_photos.free(source)
end

--- Sends the paid request, once.
---@param send_by? number a time of core.boot_time(): later, nothing is sent
---@return string? task_id
---@return novita.Error? err
function Backend:create(task_type, body, send_by)
  return self.client.trainings:create_by(task_type, body, send_by, self.watchdog)
end

--- The balance in units of 0.0001 USD.
---@return integer? units
---@return novita.Error? err
function Backend:balance()
  local balance, err = self.client.account:balance()
  return balance and balance.availableBalance, err
end

--- Iterates over the tasks of the account.
---@param is_wanted fun(task_name: string): boolean the names that matter: such an entry without an id
--- is an error
---@return novita.Listing
function Backend:tasks(is_wanted)
  return self.client.trainings:search(is_wanted)
end

-- A resumed job may be over its time already: it is asked about once, for it may be serving.
local function was_asked(status)
  return status.stage ~= "unknown" or status.last_error ~= nil
end

local function follow(task, notify, timeout)
  local deadline = timeout and core.now() + timeout
  for status in task:updates(deadline and math.max(0.01, math.min(5, timeout))) do
    if deadline and core.now() >= deadline and was_asked(status) and not task:done() then
      return nil, errors.new {
        kind = "timeout",
        code = "deadline",
        message = ("task %s: not finished within job_timeout; it continues at the service")
          :format(task.task_id),
        task_id = task.task_id,
      }
    end
    notify(status)
  end
  local model, err = task:result()
  return model and model.model_name, err
end

--- Watches a task until it ends.
---@return string? model_name
---@return novita.Error? err
function Backend:wait(task_id, task_type, timeout, notify)
  local task <close> = self.client:attach { task_id = task_id, task_type = task_type }
  return follow(task, notify, timeout)
end

local SAMPLES_ALSO <const> = { "folder", "strength" } -- fields that are no params of a generation

-- The params of client:generate for the samples of a model.
local function samples_params(samples, name, model_name)
  local params = fill_name(samples, name)
  for _, field in ipairs(SAMPLES_ALSO) do
    params[field] = nil
  end
  params.loras = { { model_name = model_name, strength = samples.strength or 1 } }
  return params
end

--- Tries whether the sample images of a job can be saved.
---@return true?
---@return novita.Error? err
function Backend.try_samples(_, folder, name)
  return sample_files.try(folder, name)
end

--- Sends the paid request for the sample images of a model, once.
---@param samples table the option
---@param name string of the job
---@param model_name string
---@param send_by? number as for `create`
---@return string? task_id
---@return novita.Error? err
function Backend:order_samples(samples, name, model_name, send_by)
  local body = txt2img_request.body(samples_params(samples, name, model_name))
  return self.client.images:txt2img_by(body, send_by, self.watchdog)
end

--- Waits for sample images and saves them.
---@return string[]? paths
---@return novita.Error? err
---@return boolean? is_made whether the service has made the images
function Backend:fetch_samples(task_id, folder, name)
  local task <close> = self.client:attach { task_id = task_id, task_type = "image" }
  local images, err = task:wait()
  if not images then
    return nil, err, false
  end
  local paths
  paths, err = sample_files.save(images, folder, name, task_id)
  return paths, err, true
end

--- Fetches the model of a job into a folder, unless its file is there.
---@return novita.batch.KeptModel?
---@return novita.Error? err
function Backend:keep_model(folder, name, model_name, sha256)
  return keep.fetch(self.lookup, folder, name, model_name, sha256)
end

--- Looks for the files of the kept models.
---@return table<integer, novita.batch.LostModel> by id of a job
function Backend.lost_models(_, journal, folder)
  return lost.find(journal, folder)
end

--- Saves the image beside a model. A model without it is whole, so a failure is only a warning.
---@param only_new? boolean leave one that is there: a person may have chosen another one
function Backend:save_cover(model_path, samples, only_new)
  if only_new and lfs.symlinkattributes(names.beside(model_path, ".png"), "mode") then
    return
  end
  local _, err = cover.save(model_path, samples, self.loop)
  if err then
    self:warn(tostring(err))
  end
end

--- Saves the card of a model beside its file.
---@return true?
---@return novita.Error? err
function Backend:save_card(journal, job, kept)
  local request = journal:request(job)
  if not request or card.is_of(kept) then
    return true -- an older journal does not know what was sent
  end
  local payment = journal:last_payment(job.id, "training")
  local price = payment and journal:price(payment.kind)
  local made = card.of(job, kept, request, journal:photos(job), { service = self.client.base_url,
    batch = journal.id, now = self:server_now(),
    price = price and price.verified == 1 and price or nil })
  return card.save(made, kept.path, self.loop)
end

--- Tries whether models can be saved in a folder.
---@return true?
---@return novita.Error? err
function Backend.try_models(_, folder, name)
  return writable_folder.try(folder, names.stem(folder, name, core.random_hex(16)) .. ".part",
    "models")
end

--- Whether a folder has space for some models.
---@return true?
---@return novita.Error? err
function Backend.check_space(_, folder, count, size)
  return space.check(folder, count, size)
end

--- Checks the option `samples` before anything is paid for. Raises if it is wrong.
---@param samples table
---@param level integer of the stack whose line the error names
function backend.check_samples(samples, level)
  txt2img_request.body(samples_params(samples, "name", "model.safetensors"), level + 1,
    SAMPLES_ALSO)
end

---@param client novita.Client
---@param watchdog? boolean see novita.BatchRunOptions
---@return novita.batch.Backend
function backend.new(client, watchdog)
  return setmetatable({ client = client, loop = client.loop, watchdog = watchdog,
    lookup = lookup(client) }, Backend)
end

return backend
