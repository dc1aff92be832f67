--- The jobs of a journal: planning, reading and changing them.

local json = require "novita.json"
local photo_paths = require "novita.batch.journal.photo_paths"
local record = require "novita.batch.journal.record"
local samples = require "novita.batch.journal.samples"

local PAGE <const> = 200 -- jobs read at a time

---@class novita.batch.Row
---@field id integer 1 for the first job
---@field key string hash of the params
---@field name string the user's
---@field task_name string the service's; unique, so a lost task can be found by it
---@field task_type "subject"|"style"
---@field params table as planned, with absolute paths
---@field stage string
---@field attempt integer 0, or how often the training was restarted
---@field posts integer how often the paid request was sent
---@field misses integer responses in a row that were lost without a task in the list; of a job at the
--- service: 1 if it needed review and the service has not answered since
---@field images? integer
---@field intent_at? number unix seconds of the service's clock
---@field task_id? string
---@field model_name? string
---@field error? { kind: string, code: string, message: string, status?: integer }
---@field planned_at number unix seconds, as all times
---@field started_at? number
---@field submitted_at? number
---@field ended_at? number
---@field progress_at? number when the service last reported a higher percentage, about each minute
---@field samples_state? novita.SamplesState
---@field samples? string[] paths
---@field host? string the machine that must upload its photos, of a journal that several share
---@field token? integer of a journal that several runners share
---@field request_seconds? number of a job in `submitting` that was taken from another runner: its
--- request may take so long
---@field replaced? integer in this run: how often a photo was replaced before it was paid for
---@field replaced_photo? string the path of the last one
---@field photo_count? integer photos that were uploaded, as it was when the job was taken
---@field samples_task_id? string
---@field samples_params? table the option `samples` of their order
---@field samples_error? { kind: string, code: string, message: string, status?: integer }
---@field model_state? novita.ModelState
---@field model_path? string
---@field model_bytes? number
---@field model_sha256? string 64 hex digits
---@field model_error? { kind: string, code: string, message: string, status?: integer }

---@class novita.batch.With what is written together with a change of a job: all or nothing
---@field photos? table<integer, novita.batch.Photo> by position: that are uploaded
---@field request? { body: table, version: string } that is about to be paid for
---@field training? { interval: number, most?: integer, server?: string|false } counts one, if
--- several runners share the limits
---@field payment? novita.batch.Payment that is reserved, if several runners share the budget
---@field settle? { what: "training"|"images", made: boolean, id?: integer } what has become of one
---@field release? boolean gives the job back, as `give_back` does
---@field soon? boolean a power cut may undo it, because a run would only repeat free work

local readers = record.readers({
  integer = { "id", "attempt", "posts", "images", "misses", "token", "photo_count" },
  number = { "intent_at", "planned_at", "started_at", "submitted_at", "ended_at", "model_bytes",
    "progress_at" },
  text = { "key", "name", "task_name", "task_type", "stage", "task_id", "model_name",
    "samples_state", "samples_task_id", "host", "model_state", "model_path", "model_sha256" },
  params = { "params", "samples_params" },
  json = { "error", "samples", "samples_error", "model_error" },
}, { "id", "key", "name", "task_name", "task_type", "params", "stage", "attempt", "posts", "misses",
  "planned_at" })

local kept_readers = record.readers({ integer = { "id" }, number = { "model_bytes" },
  text = { "name", "model_name", "model_path" } }, { "id", "name", "model_name", "model_path" })

local name_readers = record.readers({ integer = { "id" }, text = { "name" } }, { "id", "name" })

local request_readers = record.readers({ text = { "version" }, params = { "body" } },
  { "version", "body" })

local function read(self, row)
  record.read(row, readers, "job")
  row.params = photo_paths.resolve(row.params, self.folder)
  return row
end

---@class novita.batch.Journal
local Jobs = {}

--- Adds jobs, all or none. Jobs whose key exists already stay as they are.
---@param jobs { key: string, name: string, task_name: string, task_type: string, params: string,
--- known?: integer, replaces?: integer, photos?: string[] }[] params as JSON; `known`: the id of
--- the job, if the journal has it; `replaces`: of the job that `correct` has changed into it;
--- `photos`: their paths
---@return integer added
function Jobs:plan(jobs)
  return self.store:transaction(function()
    local added, now = 0, os.time()
    for _, job in ipairs(jobs) do
      if not (job.known or job.replaces) then
        added = added + self.store:insert_job(job, now)
      end
      if self.is_shared and job.photos then
        self.store:bind_job(job.key, self.store:host_of(job.photos))
      end
    end
    return added
  end)
end

--- Params as the journal has them: JSON, with paths that start from its folder.
---@param params table with absolute paths
---@param folders? table the same for many jobs; see photo_paths.portable
---@return string? text
---@return string? why
function Jobs:text(params, folders)
  local ok, text = pcall(json.encode, photo_paths.portable(params, self.folder, folders))
  if not ok then
    return nil, "a job must be plain data: " .. tostring(text)
  end
  return text
end

--- Gives a job other params and their key. Nothing else changes.
---@param id integer
---@param key string
---@param params string as JSON
function Jobs:move(id, key, params)
  self.store:move_job(id, key, params)
end

--- Turns a job for which nothing was paid into another one, in the stage `planned`. Its uploads
--- stay.
---@param row novita.batch.Row
---@param job { key: string, name: string, task_name: string, task_type: string, params: string }
function Jobs:correct(row, job)
  local token = row.token
  self:together(function()
    row.token = token -- if this is a repetition
    self.store:rename_job(row.id, job)
    self:set(row, { stage = "planned", attempt = 0, posts = 0, error = false, intent_at = false,
      started_at = false, ended_at = false })
  end)
end

--- The id of the job with this key.
---@return integer? id nil if missing
function Jobs:id_of(key)
  return self.store:id_of(key)
end

--- The ids of all jobs by their names, each list in order.
---@return table<string, integer[]>
function Jobs:ids_by_name()
  local ids = {}
  for _, row in ipairs(self.store:names()) do
    record.read(row, name_readers, "job")
    ids[row.name] = ids[row.name] or {}
    table.insert(ids[row.name], row.id)
  end
  return ids
end

--- Whether a job has a task of this batch whose name begins with `prefix`.
---@param prefix string see novita.batch.task_names
---@return boolean
function Jobs:has_task(prefix)
  return self.store:has_task(prefix)
end

--- One job.
---@return novita.batch.Row?
function Jobs:job(id)
  local row = self.store:job(id)
  return row and read(self, row)
end

--- The next job after `id` whose stage is one of `stages`.
---@param stages string[]
---@return novita.batch.Row?
function Jobs:next(stages, id)
  local least
  for _, stage in ipairs(stages) do
    local found = self.store:next_id(stage, id)
    least = found and (not least or found < least) and found or least
  end
  return least and self:job(least)
end

--- The next job after `id` that serves and whose samples_state or model_state is one of `states`.
---@param column "samples_state"|"model_state"
---@param states (string|false)[] false: none
---@return novita.batch.Row?
function Jobs:next_serving(column, states, id)
  local least
  for _, state in ipairs(states) do
    local found = self.store:next_serving(column, state or nil, id)
    least = found and (not least or found < least) and found or least
  end
  return least and self:job(least)
end

-- {====== taking jobs ======

-- A job that was taken from another runner: its request may still be under way for some seconds.
local function taken(self, row)
  if row and row.stage ~= "submitting" then
    row.request_seconds = nil
  end
  return row and read(self, row)
end

--- Takes the next job after `id` whose stage is one of `stages`: no other runner works on it.
---@param stages string[]
---@return novita.batch.Row?
function Jobs:take(stages, id)
  if self.is_shared then
    return taken(self, self.store:claim_next(stages, id))
  end
  return self:next(stages, id)
end

--- The same for jobs that serve: see `next_serving`.
---@param column "samples_state"|"model_state"
---@param states (string|false)[] false: none
---@return novita.batch.Row?
function Jobs:take_serving(column, states, id)
  if self.is_shared then
    return taken(self, self.store:claim_serving(column, states, id))
  end
  return self:next_serving(column, states, id)
end

--- Takes one job.
---@param id integer
---@return novita.batch.Row? job nil if another runner works on it
function Jobs:take_one(id)
  if self.is_shared then
    return taken(self, self.store:claim_one(id))
  end
  return self:job(id)
end

--- Gives a job back: this runner does not work on it any more.
---@param job novita.batch.Row
function Jobs:give_back(job)
  if self.is_shared then
    self.store:release(job.id)
  end
end

-- }======

-- Iterates over the jobs in a stage that come after one.
local function in_stage(self, stage, after)
  local rows, at = {}, 0
  return function()
    if at == #rows then
      rows, at = self.store:jobs(after, PAGE, stage), 0
    end
    at = at + 1
    local row = rows[at] and read(self, rows[at])
    after = row and row.id or after
    return row
  end
end

local function fits(row, wanted)
  return (not wanted.id or row.id == wanted.id)
    and (not wanted.name or row.name == wanted.name)
    and (not wanted.samples or samples.is_missing(row.samples_state))
end

--- Iterates over the jobs in order, with one page of them in memory at a time. It does not look for
--- files: see novita.batch.models.lost for the condition `models`.
---@param filter? novita.JobFilter
---@return fun(): novita.batch.Row?
function Jobs:jobs(filter)
  local wanted = filter or {}
  local next_row = in_stage(self, wanted.stage, wanted.id and wanted.id - 1 or 0)
  return function()
    local row = next_row()
    while row and not wanted.id and not fits(row, wanted) do
      row = next_row()
    end
    return row and fits(row, wanted) and row or nil
  end
end

--- How many jobs are in each stage.
---@return table<string, integer>
function Jobs:counts()
  return self.store:count_jobs()
end

--- How many jobs have each samples_state.
---@return table<string, integer>
function Jobs:count_samples()
  return self.store:count_states "samples_state"
end

--- How many jobs have each model_state.
---@return table<string, integer>
function Jobs:count_models()
  return self.store:count_states "model_state"
end

--- The jobs whose models are kept, as far as the journal knows.
---@return { id: integer, name: string, model_name: string, model_path: string,
--- model_bytes?: number }[]
function Jobs:kept_models()
  local rows = self.store:kept_models()
  for _, row in ipairs(rows) do
    record.read(row, kept_readers, "job")
  end
  return rows
end

--- The size of the largest model that is kept.
---@return number? bytes
function Jobs:largest_model()
  return self.store:largest_model()
end

-- The parts of a change as the store has them.
local function encoded(with)
  local training = with.training
  local all = { training = training and { interval = training.interval, most = training.most,
    server = training.server }, release = with.release, payment = with.payment,
    settle = with.settle, soon = with.soon }
  all.request = with.request and record.columns(with.request)
  all.photos = with.photos and {}
  for position, photo in pairs(with.photos or {}) do
    all.photos[position] = record.columns(photo)
  end
  return all
end

--- Changes fields of a job, on the disk and in `job`; false clears a field.
---@param job novita.batch.Row
---@param fields table<string, any>
---@param with? novita.batch.With what is written at once with it
function Jobs:set(job, fields, with)
  job.token = self.store:update_job(job.id, record.columns(fields), os.time(), job.token,
    with and encoded(with))
  for name, value in pairs(fields) do
    job[name] = value or nil
  end
  if with and with.photos then
    job.photo_count = nil
  end
end

--- The last request of a job that may have been paid for.
---@return { body: table, version: string }? nil also in an older journal
function Jobs:request(job)
  local row = self.store:request(job.id)
  return row and record.read(row, request_readers, "request")
end

--- Removes what the journal knows about a job, but for a note.
---@param job novita.batch.Row
---@param note table<string, any> fields as for `set`; params is {}
function Jobs:erase(job, note)
  local columns = { params = "{}", samples = false, samples_state = false, samples_params = false,
    samples_error = false, samples_task_id = false, model_state = false,
    model_path = false, model_bytes = false, model_sha256 = false, model_error = false }
  for name, value in pairs(note) do
    columns[name] = type(value) == "table" and json.encode(value) or value
  end
  self.store:erase_job(job.id, columns, os.time())
end

--- Removes what was erased from the disk, if it is still there.
function Jobs:compact()
  if self.store:has_erased() then
    self.store:compact()
  end
end

return Jobs
