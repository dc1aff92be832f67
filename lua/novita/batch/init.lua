--- Batches: many trainings in a journal that survives a kill at any instant. None is lost, and none
--- is paid for twice.
--
--     local batch <close> = assert(novita.batch {
--       file = "run.db", client = client, jobs = "people/",
--       defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 512,
--                    instance_prompt = "a photo of {name}", class_prompt = "person" },
--     })
--     print(batch:plan())                      -- what it would do
--     local summary = assert(batch:run { concurrency = 8 })
--
-- Started again with the same file, it continues where it stopped: see docs/batch.md.

local errors = require "novita.base.error"
local batch_options = require "novita.batch.options"
local usage_error = require "novita.schema.usage_error"
local states = require "novita.batch.states"

---@class novita.BatchOptions
---@field file string the journal; it is created if it does not exist
---@field jobs? string|table[] a folder of folders (or of the photos of one training), a .json or
--- .csv file, or a list of tables as for client:train. Jobs that are in the journal already stay as
--- they are. Without it, the batch has only the jobs of the journal
---@field defaults? table fields for every job; {name} in a text stands for the job's name
---@field client? novita.Client required for `run`
---@field max_jobs? integer refuse a plan with more jobs than this

---@class novita.BatchRunOptions
---@field concurrency? integer jobs in progress at once, 1 to 10000 (8)
---@field rate? number trainings created per minute, at most (600)
---@field max_submissions? integer paid requests in this run, at most; the other jobs stay planned
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
---@field on_update? fun(job: novita.BatchJob) called at each change of a job; an error ends the run

---@alias novita.BatchState "planned"|"preparing"|"uploading"|"ready"|"submitting"|"submitted"
---|"running"|"serving"|"failed"|"canceled"|"needs_review"|"abandoned"

---@class novita.BatchJob
---@field seq integer
---@field name string
---@field task_name string the service's
---@field state novita.BatchState
---@field task_id? string
---@field model_name? string
---@field photos? integer
---@field uploaded? integer
---@field stage? string of the training: "queuing", "training", "deploying"
---@field progress_percent? integer 0 to 100
---@field eta? number seconds, the service's guess
---@field last_error? novita.Error the most recent one; the job continues
---@field error? { kind: string, code: string, message: string }
---@field samples? string[] paths

---@class novita.BatchSummary
---@field counts table<string, integer> jobs by state
---@field jobs integer
---@field stopped boolean whether `stop` or max_submissions ended the run
---@field seconds number

---@class novita.BatchStatus
---@field counts table<string, integer>
---@field jobs integer
---@field ended integer in a final state
---@field active novita.BatchJob[] jobs in progress, by seq
---@field per_minute? number jobs ended per minute in this run
---@field eta? number seconds until all jobs have ended, at this rate
---@field paused boolean
---@field stopping boolean

---@class novita.Batch
---@field file string
---@field id string 8 hexadecimal digits
local Batch = { __name = "novita.Batch" }
Batch.__index = Batch

-- Calls a function and returns nil and the error if the journal raises.
local function catch_journal(fn, ...)
  local results = table.pack(pcall(fn, ...))
  if results[1] then
    return table.unpack(results, 2, results.n)
  elseif errors.is(results[2]) and results[2].kind == "journal" then
    return nil, results[2]
  end
  error(results[2], 0)
end

local function add_jobs(self, given)
  local planner = require "novita.batch.plan"
  local entries, err = require("novita.batch.job_sources").read(given.jobs, given.defaults)
  local jobs, warnings
  if entries then
    jobs, err, warnings = planner.read(entries, self.journal)
  end
  if not jobs then
    return nil, err
  end
  local most = given.max_jobs
  if most and #jobs > most then
    return nil, errors.new {
      kind = "file",
      code = "too_many_jobs",
      message = ("%d jobs planned, but max_jobs is %d: nothing was started"):format(#jobs, most),
    }
  end
  self.added = self.journal:plan(jobs)
  self.seq = #jobs == 1 and (jobs[1].known or self.journal:seq_of(jobs[1].key)) or nil
  if self.client then
    self.client:warn(warnings)
  end
  return true
end

--- Opens a batch and plans its jobs. Nothing is sent.
---@param given novita.BatchOptions
---@return novita.Batch?
---@return novita.Error? err kind "journal" (code "locked": another runner works on it), or "file"
--- if the plan cannot be read or a job is wrong; then nothing was planned
local function open(given)
  local journal, err = require("novita.batch.journal").open(given.file)
  if not journal then
    return nil, err
  end
  local self = setmetatable({
    file = given.file, id = journal.id, journal = journal, client = given.client, added = 0,
  }, Batch)
  local ok = true
  if given.jobs then
    ok, err = catch_journal(add_jobs, self, given)
  end
  if not ok then
    self:close()
    return nil, err
  end
  return self
end

--- Plans a run without sending anything. Use tostring() to show the plan, its fields in programs.
---@return novita.batch.Plan?
---@return novita.Error? err
function Batch:plan()
  return catch_journal(require "novita.batch.dry_run", self.journal)
end

--- For a plan of one job: picks the job of its training, to which `run` is limited from then on.
---@package
---@param again? boolean pay for one more training, if the last one has ended
---@return novita.batch.Row? job
---@return boolean|novita.Error careful see novita.batch.claim
function Batch:claim(again)
  local claim = require "novita.batch.claim"
  local job, careful = catch_journal(claim.job, self.journal, self.seq, again)
  self.only = job and job.seq
  return job, careful
end

--- Works until every job has ended or `stop` is called. If a job fails, the others continue. A
-- journal that cannot be written and a rejected account end the run.
---@param options? novita.BatchRunOptions
---@return novita.BatchSummary? summary
---@return novita.Error? err what ended the run early; nothing is lost, and you can run it again
function Batch:run(options)
  local checked = usage_error.raise_at_caller(1, batch_options.check, options or {})
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

--- Counts the jobs by state and lists those in progress.
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
  local sum = states.sum(counts)
  return { counts = counts, jobs = sum.jobs, ended = sum.ended, active = {}, paused = false,
    stopping = false }
end

--- Iterates over the jobs in order, with one page of them in memory at a time.
---@param state? novita.BatchState only jobs in this state
---@return fun(): novita.batch.Row?
function Batch:jobs(state)
  if state ~= nil then
    usage_error.raise_at_caller(1, states.check, state)
  end
  return self.journal:jobs(state)
end

local function check_which(which)
  return math.type(which) == "integer" and which or states.check(which)
end

--- Lets the next run retry jobs. Those that failed or were canceled are trained again under a new
-- name, one that hit job_timeout is waited for again, and the run looks again for those that need
-- review. Do not call it while the batch runs.
---@param which string|integer a state ("failed", "canceled", "needs_review"), or the seq of a job
---@return integer? jobs how many
---@return novita.Error? err
function Batch:retry(which)
  usage_error.raise_at_caller(1, check_which, which)
  return catch_journal(require("novita.batch.retry_jobs").retry, self.journal, which)
end

--- Gives jobs up for good. They must have failed, been canceled, need review, or not be submitted
-- yet; others stay as they are.
---@param which string|integer a state, or the seq of a job
---@return integer? jobs how many
---@return novita.Error? err
function Batch:abandon(which)
  usage_error.raise_at_caller(1, check_which, which)
  return catch_journal(require("novita.batch.retry_jobs").abandon, self.journal, which)
end

--- Closes the journal and releases its lock.
function Batch:close()
  self.journal:close()
end

Batch.__close = Batch.close
Batch.__gc = Batch.close

function Batch:__tostring()
  return ("novita.Batch (%s)"):format(self.file)
end

---@class novita.batch
---@overload fun(options: novita.BatchOptions): novita.Batch?, novita.Error?
local batch = setmetatable({}, {
  __call = function(_, given)
    return open(usage_error.raise_at_caller(1, batch_options.check_batch, given))
  end,
})

--- Opens a journal for reading, even while a runner works on it. The batch has `plan`, `status`,
-- `jobs` and `close`.
---@param file string
---@return novita.Batch?
---@return novita.Error? err
function batch.view(file)
  local journal, err = require("novita.batch.journal").view(file)
  if not journal then
    return nil, err
  end
  return setmetatable({ file = file, id = journal.id, journal = journal }, Batch)
end

return batch
