--- The journal of a client: its trainings are recorded as the jobs of a batch are, so that the same
--- training is paid for once, in however many runs of a script.
--
-- A training is identified by what it asks the service for and by the contents of its photos,
-- wherever they are (novita.batch.identity).

local batch_options = require "novita.batch.options"
local backends = require "novita.batch.backend"
local claim = require "novita.batch.claim"
local core = require "novita.core"
local difference = require "novita.batch.identity.difference"
local errors = require "novita.base.error"
local format = require "novita.schema.format"
local job_end = require "novita.batch.job_end"
local job_steps = require "novita.batch.job_steps"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local photo_paths = require "novita.batch.journal.photo_paths"
local plan = require "novita.batch.plan"
local recorded_key = require "novita.batch.identity.recorded_key"
local recorded_run = require "novita.batch.recorded_run"
local stages = require "novita.batch.stages"
local task_list = require "novita.batch.task_list"
local task_names = require "novita.batch.task_names"
local unpaid = require "novita.client.unpaid"

---@class novita.batch.Recorder
local Recorder = {}
Recorder.__index = Recorder

-- {====== the job of a training ======

local not_fields = { again = true, captions = true, caption = true, crops = true, crop = true,
  image_dataset_items = true }

--- The params with the photos that were found, as a plan has them: plain data.
---@param written table the params of client:train
---@param items novita.DatasetItem[]
---@return table
local function plain_params(written, items)
  local params, images = {}, {}
  for name, value in pairs(written) do
    if not not_fields[name] then
      params[name] = value
    end
  end
  for i, item in ipairs(items) do
    images[i] = { path = item.path, assets_id = item.assets_id, caption = item.caption,
      crop = item.crop }
  end
  params.images = images
  return photo_paths.resolve(params, lfs.currentdir())
end

-- Yields after each photo: others have their turn.
local function hash_of(item, client)
  local hash = core.sha256()
  local file <close> = assert(io.open(item.path, "rb"))
  for chunk in file:lines(65536) do
    hash:add(chunk)
  end
  client:sleep(0)
  return hash:hex()
end

local function hashes_of(images, client)
  local hashes = {}
  for i, item in ipairs(images) do
    hashes[i] = not item.assets_id and hash_of(item, client) or nil
  end
  return hashes
end

-- The ids of the jobs of a name. The journal is read once: only this process changes it.
local function namesakes(self, name)
  self.ids = self.ids or self.journal:ids_by_name()
  self.ids[name] = self.ids[name] or {}
  return self.ids[name]
end

local function plan_new(self, training, task_type)
  local journal, params = self.journal, training.params
  journal:plan { {
    key = training.key,
    name = params.name,
    -- without its journal, the list shows the tasks of earlier versions, too
    task_name = task_names.new(params.name, journal.id, training.older, 0),
    task_type = task_type,
    params = assert(journal:text(params)),
  } }
  return journal:id_of(training.key)
end

local function rank_in(journal)
  return function(id)
    local job = claim.latest(journal, id)
    return job.stage == "serving" and 2 or (job.task_id or job.posts > 0) and 1 or 0
  end
end

-- Returns the id of the job of these params; plans it if it is new.
local function planned(self, params, task_type, client)
  local training = recorded_key.training(params, hashes_of(params.images, client))
  local ids = namesakes(self, params.name)
  local id = recorded_key.find(self.journal, training, ids, rank_in(self.journal))
  if not id then
    id = plan_new(self, training, task_type)
    ids[#ids + 1] = id
  end
  return id
end

-- The last training of a name that may be paid for.
local function paid_namesake(self, name)
  local ids = namesakes(self, name)
  for at = #ids, 1, -1 do
    local row = assert(self.journal:job(ids[at]))
    if claim.may_be_paid(row) then
      return row
    end
  end
end

-- The photos are compared by the search for the training.
local function without_photos(params)
  local copy = {}
  for name, value in pairs(params) do
    copy[name] = name ~= "images" and value or nil
  end
  return copy
end

-- A corrected prompt is another training, which a script pays for: the command line asks first.
local function warn_of_payment(self, params, client)
  local before = paid_namesake(self, params.name)
  if before then
    local text = difference.text(without_photos(before.params), without_photos(params), true)
    local others = text ~= "" and ("settings (%s)"):format(text) or "photos"
    client:warn { ("training %s: one of this name was paid for before, with other %s; this pays "
      .. "for another one"):format(format.text(params.name), others) }
  end
end

-- }======

-- {====== the task ======

-- The same training was started twice in this script: this task ends as the other one does.
local function follow(task, other)
  local model, err = other:wait()
  if not model then
    error(err, 0)
  end
  task.task_id = other.task_id
  task:succeed(model)
end

-- Called at the end of the watched task. The script has its result even if the disk is full.
local function record_end(run, job)
  return function(model, err)
    local ok, why = pcall(job_end.record, run, job, model and model.model_name, err)
    if not ok then
      run.task.client:warn { tostring(why) }
    end
  end
end

local function ended(task, job)
  if job.stage ~= "serving" then
    local err = job_end.error(job)
    errors.reword(err, err.message .. "; again = true trains and pays again: remove it "
      .. "after one run, because it pays in each run")
    error(err, 0)
  end
  task.task_id = job.task_id
  task:finish(job.model_name, "serving")
end

local function work(self, task, job, params, decided)
  local options = { only = job.id, again = decided.again }
  for name, value in pairs(self.options) do
    options[name] = value
  end
  options.if_not_listed = decided.if_not_listed or options.if_not_listed
  local run = recorded_run.new(task, self, options)
  local ok, err = pcall(job_steps.submit, run, job, plan.training(params, job.task_name))
  if not ok then
    error(stages.is_unpaid(job.stage) and unpaid(err) or err, 0)
  end
  if stages.is_final(job.stage) then
    error(job_end.error(job), 0)
  end
  task.on_end = record_end(run, job)
  task:watch(job.task_id)
end

-- If the steps end without a watch, the job is free for another task.
local function claimed(self, task, id)
  self.tasks[id] = task
  return setmetatable({}, {
    __close = function()
      if self.tasks[id] == task and (task.settled or not task.task_id) then
        self.tasks[id] = nil
      end
    end,
  })
end

--- The work of a task that trains: for novita.client.task.
---@param written table the params of client:train, checked
---@param items novita.DatasetItem[]
---@param task_type "subject"|"style"
---@return fun(task: novita.Task)
function Recorder:flow(written, items, task_type)
  local again, params = written.again, plain_params(written, items)
  return function(task)
    local id = planned(self, params, task_type, task.client)
    local other = self.tasks[claim.latest(self.journal, id).id]
    if other and not other.settled then
      return follow(task, other)
    end
    local job, if_not_listed = claim.job(self.journal, id, again)
    if stages.is_final(job.stage) then
      return ended(task, job)
    end
    if stages.is_unpaid(job.stage) and job.posts == 0 and not again then
      warn_of_payment(self, params, task.client)
    end
    local _ <close> = claimed(self, task, job.id)
    work(self, task, job, params, { again = again, if_not_listed = if_not_listed })
  end
end

-- }======

--- Closes the journal.
function Recorder:close()
  self.journal:close()
end

local recorder = {}

--- Opens the journal of a client. Raises the error if another process works on it.
---@param client novita.Client
---@param given novita.ClientOptions
---@return novita.batch.Recorder
function recorder.open(client, given)
  if given.journal:find "^postgres%l*://" then
    error(errors.new { kind = "journal", code = "not_file",
      message = "the journal of a client must be a file: a database is for batches" }, 0)
  end
  local journal, err = journals.open(given.journal)
  if not journal then
    error(err, 0)
  end
  local ours, why = pcall(journal.belong_to, journal, client, given.same_account)
  if not ours then
    journal:close()
    error(why, 0)
  end
  client:warn { journal:warning() }
  local backend = backends.new(client)
  return setmetatable({
    journal = journal,
    backend = backend,
    task_list = task_list.new(journal, backend),
    quiet_at = backend:now() + journal.request_seconds, -- the earlier run's requests end by then
    options = batch_options.check { no_list = given.no_list, list_delay = given.list_delay,
      assets_max_age = given.assets_max_age },
    tasks = setmetatable({}, { __mode = "v" }), -- by id: those in progress
  }, Recorder)
end

return recorder
