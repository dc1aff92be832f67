--- From jobs as they are written to jobs that can be worked on.

local core = require "novita.core"
local errors = require "novita.base.error"
local json = require "novita.json"
local journal = require "novita.batch.journal"
local training_photos = require "novita.client.training_photos"
local prepare_op = require "novita.image.prepare_op"
local job_sources = require "novita.batch.job_sources"
local training_request = require "novita.forms.training_request"

local NOBODY <const> = 10000 -- a level of the stack that is not there: nobody's line is blamed
local NAME_MOST <const> = 60 -- bytes of the user's name that go into the service's

local plan = {}

local function refuse(where, text)
  return nil, errors.new {
    kind = "file",
    code = "plan",
    message = ("%s: %s"):format(where, (tostring(text):gsub("^jobs: ", ""))),
  }
end

--- A params as a training, checked. Raises a text where it is wrong.
---@param params table
---@param task_name? string
---@return novita.TrainingPlan
function plan.training(params, task_name)
  local copy = {}
  for field, value in pairs(params) do
    copy[field] = value
  end
  copy.name = task_name or params.name
  return training_request.plan(copy, NOBODY, { "prepare" })
end

--- The service's name for a job: the user's, then what makes it unique.
---@param name string
---@param batch string
---@param key string
---@param attempt integer
---@return string
function plan.task_name(name, batch, key, attempt)
  local short = name:sub(1, NAME_MOST):gsub("[\128-\255]*$", function(tail)
    return utf8.len(tail) and tail or ""
  end)
  local text = ("%s-%s-%s"):format(short, batch, key:sub(1, 12))
  return attempt == 0 and text or ("%s-r%d"):format(text, attempt)
end

local function has_bytes(images)
  for _, item in ipairs(type(images) == "table" and images or {}) do
    if type(item) == "table" and item.bytes then
      return true
    end
  end
end

local function text_of(params)
  local ok, text = pcall(json.encode, params)
  if not ok then
    return nil, "a job is plain data: " .. tostring(text)
  end
  return text
end

local function key_of(text)
  return core.sha256():add(text):hex()
end

local function survives(text)
  local back = journal.decode(text)
  return back and json.encode(back) == text
end

local function checked_training(params)
  local training = plan.training(params)
  local wish = training_photos.preparation(training)
  if wish then
    prepare_op.check(wish, NOBODY)
  end
  return training
end

-- What was checked when it was planned is not checked again.
local function check(entry, text, warned)
  local ok, training = pcall(checked_training, entry.params)
  if not ok then
    return nil, training
  elseif entry.params.name:find("\0", 1, true) then
    return nil, "name has a NUL in it: the journal would cut it there"
  elseif has_bytes(training.images) then
    return nil, "photos of a batch are files: a journal cannot hold their bytes"
  elseif not survives(text) then
    return nil, "a job is plain data; a number in it has more than 14 digits"
  end
  for _, warning in ipairs(training.warnings) do
    warned[#warned + 1] = not warned[warning] and warning or nil
    warned[warning] = true
  end
  return training.kind
end

-- Earlier versions kept paths such as "a/../b" as they were written. The keys that the jobs of a
-- journal would have without those.
local function rewritten_keys(book)
  local keys = {}
  for row in book:jobs() do
    local params, changed = job_sources.rewritten(row.params)
    if changed then
      keys[key_of(json.encode(params))] = true
    end
  end
  return keys
end

local function knower(book)
  local rewritten
  return function(key)
    if book:knows(key) then
      return true
    end
    rewritten = rewritten or rewritten_keys(book)
    return rewritten[key] or false
  end
end

local function read_one(entry, book, is_known, warned)
  local text, why = text_of(entry.params)
  if not text then
    return refuse(entry.where, why)
  end
  local key = key_of(text)
  local job = { key = key, where = entry.where, known = is_known(key) }
  if job.known then
    return job
  end
  job.kind, why = check(entry, text, warned)
  if not job.kind then
    return refuse(entry.where, why)
  end
  job.name, job.params = entry.params.name, text
  job.task_name = plan.task_name(job.name, book.id, key, 0)
  return job
end

--- Checks all jobs.
---@param entries { where: string, params: table }[]
---@param book novita.batch.Journal
---@return table[]? jobs for the journal
---@return novita.Error? err names the job
---@return string[] warnings about those that are new, each once
function plan.read(entries, book)
  local jobs, seen, warned, is_known = {}, {}, {}, knower(book)
  for i, entry in ipairs(entries) do
    local job, err = read_one(entry, book, is_known, warned)
    if not job then
      return nil, err
    elseif seen[job.key] then
      return refuse(job.where, "the same job as " .. seen[job.key] .. ": it would be paid twice; "
        .. "give one of them another name")
    end
    seen[job.key], jobs[i] = job.where, job
  end
  return jobs, nil, table.move(warned, 1, #warned, 1, {})
end

return plan
