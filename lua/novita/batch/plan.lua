--- From jobs as they are written to jobs that can be worked on, and what a person reads
--- before paying for them.

local core = require "novita.core"
local errors = require "novita.error"
local json = require "novita.api.json"
local journal = require "novita.batch.journal"
local training_request = require "novita.api.training_request"

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

--- A form as a training, checked. Raises a text where it is wrong.
---@param form table
---@param task_name? string
---@return novita.TrainingPlan
function plan.training(form, task_name)
  local copy = {}
  for field, value in pairs(form) do
    copy[field] = value
  end
  copy.name = task_name or form.name
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

local function text_of(form)
  local ok, text = pcall(json.encode, form)
  if not ok then
    return nil, "a job is plain data: " .. tostring(text)
  end
  return text
end

local function survives(text)
  local back = journal.decode(text)
  return back and json.encode(back) == text
end

-- What was checked when it was planned is not checked again.
local function check(entry, text)
  local ok, training = pcall(plan.training, entry.form)
  if not ok then
    return nil, training
  elseif has_bytes(training.images) then
    return nil, "photos of a batch are files: a journal cannot hold their bytes"
  elseif not survives(text) then
    return nil, "a job is plain data; a number in it has more than 14 digits"
  end
  return training.kind
end

local function read_one(entry, book)
  local text, why = text_of(entry.form)
  if not text then
    return refuse(entry.where, why)
  end
  local key = core.sha256():add(text):hex()
  local job = { key = key, where = entry.where, known = book:knows(key) }
  if job.known then
    return job
  end
  job.kind, why = check(entry, text)
  if not job.kind then
    return refuse(entry.where, why)
  end
  job.name, job.text = entry.form.name, text
  job.task_name = plan.task_name(job.name, book.id, key, 0)
  return job
end

--- Checks all jobs.
---@param entries { where: string, form: table }[]
---@param book novita.batch.Journal
---@return table[]? jobs for the journal
---@return novita.Error? err names the job
function plan.read(entries, book)
  local jobs, seen = {}, {}
  for i, entry in ipairs(entries) do
    local job, err = read_one(entry, book)
    if not job then
      return nil, err
    elseif seen[job.key] then
      return refuse(job.where, "the same job as " .. seen[job.key] .. ": it would be paid twice; "
        .. "give one of them another name")
    end
    seen[job.key], jobs[i] = job.where, job
  end
  return jobs
end

-- {====== for a person ======

---@class novita.batch.PlanLine
---@field name string
---@field state string
---@field kind string
---@field base_model string
---@field width integer
---@field height integer
---@field steps? integer
---@field photos? integer
---@field problem? string why it would fail
---@field warnings string[]

---@class novita.batch.Plan
---@field lines novita.batch.PlanLine[]
---@field jobs integer all of them
---@field to_pay integer trainings that a run would create
---@field photos integer of those
---@field problems integer
local Plan = { __name = "novita.batch.Plan" }
Plan.__index = Plan

local unpaid = { planned = true, preparing = true, uploading = true, ready = true }

local function line_of(row)
  local training = plan.training(row.form, row.task_name)
  local items, err
  if unpaid[row.state] then
    items, err = training:resolve()
  end
  local draft = training.draft
  return {
    name = row.name,
    state = row.state,
    kind = row.kind,
    base_model = draft.base_model,
    width = draft.width,
    height = draft.height,
    steps = draft.expert_setting and draft.expert_setting.max_train_steps,
    photos = items and #items or row.photos,
    problem = err and err.message,
    warnings = training.warnings,
  }
end

--- What a run would do.
---@param book novita.batch.Journal
---@return novita.batch.Plan
function plan.describe(book)
  local made = { lines = {}, jobs = 0, to_pay = 0, photos = 0, problems = 0 }
  for row in book:jobs() do
    local line = line_of(row)
    made.lines[#made.lines + 1] = line
    made.jobs = made.jobs + 1
    if line.problem then
      made.problems = made.problems + 1
    elseif unpaid[row.state] then
      made.to_pay = made.to_pay + 1
      made.photos = made.photos + (line.photos or 0)
    end
  end
  return setmetatable(made, Plan)
end

local function width_of(lines)
  local most = 4
  for _, line in ipairs(lines) do
    most = math.max(most, math.min(utf8.len(line.name) or #line.name, 40))
  end
  return most
end

local function told(line, width)
  local pad = (" "):rep(math.max(0, width - (utf8.len(line.name) or #line.name)))
  local text = ("  %s%s  %s, %s, %dx%d, %s photos"):format(line.name, pad, line.kind,
    line.base_model, line.width, line.height, line.photos or "?")
  if line.steps then
    text = text .. (", %d steps"):format(line.steps)
  end
  if not unpaid[line.state] then
    text = text .. ", " .. line.state
  end
  return line.problem and text .. "\n    cannot be trained: " .. line.problem or text
end

function Plan:__tostring()
  local texts, width = {}, width_of(self.lines)
  for i, line in ipairs(self.lines) do
    texts[i] = told(line, width)
  end
  texts[#texts + 1] = ("%d jobs; %d trainings to pay for, with %d photos; %d cannot be trained")
    :format(self.jobs, self.to_pay, self.photos, self.problems)
  return table.concat(texts, "\n")
end

-- }======

return plan
