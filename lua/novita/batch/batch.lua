--- The object that novita.batch returns.

local batch_options = require "novita.batch.options"
local catch_journal = require "novita.batch.catch_journal"
local job_of = require "novita.batch.job"
local stages = require "novita.batch.stages"
local usage_error = require "novita.schema.usage_error"

---@class novita.BatchRunOptions
---@field concurrency? integer jobs in progress at once, 1 to 10000 (8)
---@field trainings_per_minute? number trainings created per minute, at most (600)
---@field max_trainings? integer paid requests in this run, at most; the other jobs stay planned
---@field list_delay? number seconds that a new task may take to appear in the task list after its
--- response was lost (120)
---@field if_not_listed? "resubmit"|"needs_review" what to do with a job that has not appeared in
--- the list by then (resubmit)
---@field job_timeout? number seconds a training may take from its creation; then this run stops
--- waiting for it (none)
---@field outage_timeout? number seconds an outage may last before a job fails (3600)
---@field samples? { folder: string, model_name: string, prompt: string, image_num?: integer,
--- strength?: number } sample images for each finished model; other fields as for client:generate;
--- {name} in a text stands for the job's name
---@field on_update? fun(job: novita.Job) called at each change of a job; an error ends the run

---@class novita.JobFilter
---@field stage? novita.JobStage
---@field name? string
---@field id? integer

---@class novita.BatchSummary
---@field counts table<string, integer> jobs by stage
---@field jobs integer
---@field stopped boolean whether `stop` or max_trainings ended the run
---@field seconds number

---@class novita.BatchStatus
---@field counts table<string, integer> jobs by stage
---@field jobs integer
---@field ended integer in a final stage
---@field active novita.Job[] jobs in progress, by id
---@field per_minute? number jobs ended per minute in this run
---@field eta? number seconds until all jobs have ended, at this rate
---@field paused boolean
---@field stopping boolean

---@class novita.Batch
---@field id string 8 hexadecimal digits
local Batch = { __name = "novita.Batch" }
Batch.__index = Batch

--- Plans a run without sending anything. Use tostring() to show the plan, its fields in programs.
---@return novita.batch.Plan?
---@return novita.Error? err
function Batch:dry_run()
  return catch_journal(require "novita.batch.dry_run", self.journal)
end

--- For a plan of one job: picks the job of its training, to which `run` is limited from then on.
---@package
---@param again? boolean pay for one more training, if the last one has ended
---@return novita.batch.Row? job
---@return boolean|novita.Error careful see novita.batch.claim
function Batch:claim(again)
  local claim = require "novita.batch.claim"
  local job, careful = catch_journal(claim.job, self.journal, self.job_id, again)
  self.only = job and job.id
  return job, careful
end

local function check_writable(self)
  if self.read_only then
    usage_error.raise "this batch is read_only: open the journal without it"
  end
end

--- Works until every job has ended or `stop` is called. If a job fails, the others continue. A
-- journal that cannot be written and a rejected account end the run.
---@param options? novita.BatchRunOptions
---@return novita.BatchSummary? summary
---@return novita.Error? err what ended the run early; nothing is lost, and you can run it again
function Batch:run(options)
  local checked = usage_error.raise_at_caller(1, batch_options.check, options or {})
  usage_error.raise_at_caller(1, check_writable, self)
  if not self.client and not self.backend then
    error("this batch has no client: give novita.batch { client = ... }", 2)
  end
  if self.runner then
    error("this batch is running already", 2)
  end
  local backends = require "novita.batch.backend"
  if checked.samples then
    backends.check_samples(checked.samples, 2)
  end
  if self.client then
    local ours, err = catch_journal(self.journal.belong_to, self.journal, self.client.base_url)
    if not ours then
      return nil, err
    end
  end
  checked.only = self.only
  local backend = self.backend or backends.new(self.client)
  self.runner = require("novita.batch.runner").new(self.journal, backend, checked)
  local ok, summary, err = pcall(self.runner.run, self.runner)
  self.runner = nil
  if not ok then
    error(summary, 0)
  end
  return summary, err
end

--- Ends the run gracefully: it starts no new job, aborts uploads (a resume repeats only those), and
-- waits for a paid request in progress. May be called from anywhere, more than once.
function Batch:stop()
  if self.runner then
    self.runner:stop()
  end
end

--- Starts and submits nothing until `resume`. Trainings at the service continue.
function Batch:pause()
  if self.runner then
    self.runner:pause()
  end
end

--- Continues after `pause`.
function Batch:resume()
  if self.runner then
    self.runner:resume()
  end
end

--- Counts the jobs by stage and lists those in progress.
---@return novita.BatchStatus?
---@return novita.Error? err
function Batch:status()
  if self.runner then
    return self.runner:status()
  end
  local counts, err = catch_journal(self.journal.counts, self.journal)
  if not counts then
    return nil, err
  end
  local sum = stages.sum(counts)
  return { counts = counts, jobs = sum.jobs, ended = sum.ended, active = {}, paused = false,
    stopping = false }
end

--- Iterates over the jobs in order, with one page of them in memory at a time. Raises the error if
--- the journal cannot be read.
---@param filter? novita.JobFilter only the jobs with this stage, name or id
---@return fun(): novita.Job?
function Batch:jobs(filter)
  local checked = usage_error.raise_at_caller(1, batch_options.check_filter, filter)
  local next_row, runner = self.journal:jobs(checked), self.runner
  return function()
    local row = next_row()
    return row and job_of(runner and runner.active[row.id] or row)
  end
end

local function check_change(self, filter)
  check_writable(self)
  return batch_options.check_filter(filter, true)
end

--- Lets the next run retry jobs. Those that failed or were canceled are trained again under a new
-- name, one that hit job_timeout is waited for again, and the run looks again for those that need
-- review. Do not call it while the batch runs.
---@param filter novita.JobFilter such as { stage = "failed" }
---@return integer? jobs how many
---@return novita.Error? err
function Batch:retry(filter)
  local checked = usage_error.raise_at_caller(1, check_change, self, filter)
  return catch_journal(require("novita.batch.retry_jobs").retry, self.journal, checked)
end

--- Gives jobs up for good. They must have failed, been canceled, need review, or not be submitted
-- yet; others stay as they are.
---@param filter novita.JobFilter such as { name = "anna" }
---@return integer? jobs how many
---@return novita.Error? err
function Batch:abandon(filter)
  local checked = usage_error.raise_at_caller(1, check_change, self, filter)
  return catch_journal(require("novita.batch.retry_jobs").abandon, self.journal, checked)
end

--- Closes the journal and releases its lock.
function Batch:close()
  self.journal:close()
end

Batch.__close = Batch.close
Batch.__gc = Batch.close

function Batch:__tostring()
  return ("novita.Batch (%s)"):format(self.journal.path)
end

return Batch
