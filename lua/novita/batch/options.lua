--- The options of a batch and of a run: names, defaults, ranges.

local core = require "novita.core"
local lfs = require "lfs"
local photo_paths = require "novita.batch.journal.photo_paths"
local schema = require "novita.schema.schema"
local stages = require "novita.batch.stages"
local usage_error = require "novita.schema.usage_error"

local options = {
  NO_WATCHDOG = "it needs Linux, and cannot end process 1 of a container (docker run --init)",
}

local function number(name, default, min, max)
  return { name = name, type = "number", default = default, min = min, max = max }
end

local function integer(name, default, min, max)
  return { name = name, type = "integer", default = default, min = min, max = max }
end

local function text(name)
  return { name = name, type = "string", required = true, min = 1 }
end

---@type novita.Rule
local run = {
  type = "object",
  noun = "a run",
  member = "option",
  fields = {
    integer("concurrency", 8, 1, 10000),
    number("trainings_per_minute", 600, 0.001, 1e9),
    integer("max_trainings", nil, 0, 2 ^ 31),
    number("budget", nil, 0, 1e9),
    { name = "no_budget", type = "boolean" },
    number("list_delay", 120, 0, 86400),
    { name = "if_not_listed", type = "string", default = "resubmit",
      values = { "resubmit", "needs_review", "resubmit_anyway" } },
    { name = "no_list", type = "boolean" },
    { name = "same_account", type = "boolean" },
    number("job_timeout", nil, 0, 1e9),
    number("outage_timeout", 3600, 0, 1e9),
    number("assets_max_age", 86400, 3600, 1e9),
    { name = "watchdog", type = "boolean" },
    { name = "samples", type = "table" },
    { name = "no_samples", type = "boolean" },
    { name = "models", type = "string", min = 1, expects = 'a folder, such as "models/"' },
  },
}

-- The other fields of `samples` are those of txt2img, checked by novita.batch.backend.
local sample_texts = { text "folder", text "model_name", text "prompt" }

---@type novita.Rule
local batch = {
  type = "object",
  noun = "a batch",
  member = "option",
  fields = {
    { name = "journal", type = "string", required = true, min = 1,
      expects = 'the name of a file, such as "run.db"' },
    { name = "read_only", type = "boolean" },
    { name = "jobs", type = "any" }, -- novita.batch.job_sources
    { name = "defaults", type = "table" },
    { name = "client", type = "any" },
    { name = "max_jobs", type = "integer" },
    { name = "again", type = "boolean" },
    { name = "replace", type = "boolean" },
  },
}

-- The folder becomes absolute: a later run may be started elsewhere.
local function check_samples(written)
  local samples = {}
  for name, value in pairs(written) do
    samples[name] = value
  end
  for _, rule in ipairs(sample_texts) do
    schema.apply(rule, samples[rule.name], { path = "samples." .. rule.name })
  end
  samples.folder = photo_paths.absolute(samples.folder, lfs.currentdir())
  return samples
end

--- Checks the options of a run and fills in the defaults. Only for use inside a check.
---@param written novita.BatchRunOptions
---@return table
function options.check(written)
  local read = schema.apply(run, written)
  if read.watchdog and not core.has_watchdog then
    usage_error.raise("watchdog: %s", options.NO_WATCHDOG)
  elseif read.budget and read.no_budget then
    usage_error.raise "budget sets a limit and no_budget removes it: leave one out"
  elseif read.samples and read.no_samples then
    usage_error.raise "samples asks for images and no_samples for none: leave one out"
  end
  read.samples = read.samples and check_samples(read.samples)
  read.models = read.models and photo_paths.absolute(read.models, lfs.currentdir())
  return read
end

local function is_client(value)
  return type(value) == "table" and value.trainings ~= nil
end

-- Opened for reading, a batch has the jobs of its journal and runs nothing.
local function check_read_only(read)
  for _, name in ipairs { "jobs", "defaults", "client", "max_jobs", "again", "replace" } do
    if read[name] ~= nil then
      usage_error.raise("%s has no effect with read_only: leave one of them out", name)
    end
  end
end

--- Checks the options of a batch. Only for use inside a check.
---@param written novita.BatchOptions
---@return novita.BatchOptions
function options.check_batch(written)
  local read = schema.apply(batch, written)
  local jobs = type(read.jobs)
  if read.read_only then
    check_read_only(read)
  elseif jobs ~= "nil" and jobs ~= "string" and jobs ~= "table" then
    usage_error.must_be("jobs", "a folder, a .json or .csv file, or a list", read.jobs)
  elseif read.client ~= nil and not is_client(read.client) then
    usage_error.must_be("client", "what novita.client returns", read.client)
  elseif read.again and read.replace then
    usage_error.raise "again keeps the earlier training and replace gives it up: leave one out"
  elseif read.defaults then
    require("novita.batch.job_sources").check_defaults(read.defaults)
  end
  return read
end

---@type novita.Rule
local forget = {
  type = "object",
  noun = "forget",
  member = "option",
  fields = { { name = "force", type = "boolean" } },
}

--- Checks the options of forget. Only for use inside a check.
---@param written? { force?: boolean }
---@return { force?: boolean }
function options.check_forget(written)
  return schema.apply(forget, written == nil and {} or written)
end

---@type novita.Rule
local filter = {
  type = "object",
  noun = "a filter of jobs",
  fields = {
    { name = "stage", type = "string", values = stages.all },
    { name = "name", type = "string" },
    { name = "id", type = "integer", min = 1, max = 2 ^ 31 - 1 },
    { name = "samples", type = "boolean" },
    { name = "models", type = "boolean" },
  },
}

--- Checks a filter of jobs. Only for use inside a check.
---@param written novita.JobFilter?
---@param needed? boolean whether it must have a condition
---@return novita.JobFilter
function options.check_filter(written, needed)
  local read = schema.apply(filter, written == nil and {} or written)
  if needed and next(read) == nil then
    usage_error.raise "say which jobs: give a filter such as { stage = \"failed\" }"
  end
  return read
end

return options
