--- Checks the jobs of a plan and gives each its key and its task name.

local core = require "novita.core"
local errors = require "novita.base.error"
local json = require "novita.json"
local journals = require "novita.batch.journal"
local photo_list = require "novita.batch.identity.photo_list"
local photo_paths = require "novita.batch.journal.photo_paths"
local training_photos = require "novita.client.training_photos"
local task_names = require "novita.batch.task_names"
local training_of = require "novita.batch.identity.training"
local usage_error = require "novita.schema.usage_error"

local NO_LEVEL <const> = 10000 -- a level that the stack does not have: errors name no line

local plan = {}

local function refuse(where, text)
  return nil, errors.new {
    kind = "file",
    code = "plan",
    message = ("%s: %s"):format(where, (tostring(text):gsub("^jobs: ", ""))),
  }
end

plan.training = training_of

local function has_bytes(images)
  for _, item in ipairs(type(images) == "table" and images or {}) do
    if type(item) == "table" and item.bytes then
      return true
    end
  end
end

local function key_of(text)
  return core.sha256():add(text):hex()
end

--- The hash in the task name of a job. If the journal is lost, it can be computed again from the
--- folders and the options of the command: it covers the name, every field and the names of the
--- photos, but not where they are.
---@param params table
---@return string
function plan.name_hash(params)
  local counted = {}
  for field, value in pairs(params) do
    counted[field] = value
  end
  counted.images = photo_list.names(params.images)
  counted.image_dataset_items = photo_list.names(params.image_dataset_items)
  return key_of(json.encode(counted))
end

-- If two jobs differ only in where their photos are, the second one uses its key, which covers the
-- paths too.
local function free_hash(job, params, journal, taken)
  local hash = plan.name_hash(params)
  local prefix = task_names.prefix(journal.id, hash, 0)
  if taken[prefix] or journal:has_task(prefix) then
    return job.key
  end
  taken[prefix] = true
  return hash
end

-- Only a number with many digits may be read back as another one.
local LONG_NUMBER <const> = ("%d"):rep(15)

local function survives(text)
  local back = not text:find(LONG_NUMBER) or journals.decode(text)
  return back == true or back and json.encode(back) == text
end

local function checked_training(params)
  local training = plan.training(params)
  usage_error.raise_at_caller(NO_LEVEL, training_photos.preparation, training)
  return training
end

-- Checks a new job. A job that is in the journal was checked when it was planned.
local function check(entry, text, warned)
  local ok, training = pcall(checked_training, entry.params)
  if not ok then
    return nil, training
  elseif entry.params.name:find("\0", 1, true) then
    return nil, "name contains a NUL: the journal would cut it there"
  elseif has_bytes(training.images) then
    return nil, "photos of a batch must be files: a journal cannot store their bytes"
  elseif not survives(text) then
    return nil, "a job must be plain data; a number in it has more than 14 digits"
  end
  for _, warning in ipairs(training.warnings) do
    warned[#warned + 1] = not warned[warning] and warning or nil
    warned[warning] = true
  end
  return training.task_type
end

-- A key is the hash of the params as they were written when the job was planned. Earlier versions
-- kept paths such as "a/../b" and had other names of params. Returns the keys that such jobs would
-- have today, each with the id of its job.
local function rewritten_keys(journal)
  local keys, folders = {}, {}
  for row in journal:jobs() do
    local key = key_of((journal:text(row.params, folders)))
    if key ~= row.key then
      keys[key] = row.id
    end
  end
  return keys
end

-- Returns a function that returns the id of the job with a key, or nil.
local function finder(journal)
  local rewritten
  return function(key)
    local id = journal:id_of(key)
    if not id then
      rewritten = rewritten or rewritten_keys(journal)
      id = rewritten[key]
    end
    return id
  end
end

-- `seen`: the folders, task names and warnings of the jobs before it.
local function read_one(entry, journal, find, seen)
  local text, why = journal:text(entry.params, seen.folders)
  if not text then
    return refuse(entry.where, why)
  end
  local key = key_of(text)
  local job = { key = key, where = entry.where, known = find(key),
    photos = photo_paths.list(entry.params) }
  if job.known then
    return job
  end
  job.task_type, why = check(entry, text, seen.warned)
  if not job.task_type then
    return refuse(entry.where, why)
  end
  job.name, job.params, job.written = entry.params.name, text, entry.params
  local hash = free_hash(job, entry.params, journal, seen.taken)
  job.task_name = task_names.new(job.name, journal.id, hash, 0)
  return job
end

-- Remembers where a job is written, and returns where the same one is written before it.
local function remember(entry, seen)
  local text = photo_list.canonical(entry.params)
  local before = text and seen.forms[text]
  if text and not before then
    seen.forms[text] = entry.where
  end
  return before
end

-- Where the plan has the same training before a job, perhaps in another form. Only the forms of
-- jobs with the same name are compared.
local function find_twin(entry, key, seen)
  local name = entry.params.name
  local first = seen.first[name]
  if seen.keys[key] then
    return seen.keys[key]
  elseif first == nil then
    seen.first[name] = entry
    return nil
  elseif first then
    remember(first, seen)
    seen.first[name] = false
  end
  return remember(entry, seen)
end

--- Checks all jobs.
---@param entries { where: string, params: table }[]
---@param journal novita.batch.Journal
---@return table[]? jobs for novita.batch.Journal.plan
---@return novita.Error? err names the job
---@return string[] warnings about new jobs, each once
function plan.read(entries, journal)
  local jobs, find = {}, finder(journal)
  local seen = { folders = {}, taken = {}, warned = {}, keys = {}, first = {}, forms = {} }
  for i, entry in ipairs(entries) do
    local job, err = read_one(entry, journal, find, seen)
    if not job then
      return nil, err
    end
    local twin = find_twin(entry, job.key, seen)
    if twin then
      return refuse(job.where, "the same job as " .. twin .. ": it would be paid twice; give one "
        .. "of them another name")
    end
    seen.keys[job.key], jobs[i] = job.where, job
  end
  return jobs, nil, table.move(seen.warned, 1, #seen.warned, 1, {})
end

return plan
