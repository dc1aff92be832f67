--- The object that novita.batch returns.

local batch_options = require "novita.batch.options"
local catch_journal = require "novita.batch.catch_journal"
local core = require "novita.core"
local errors = require "novita.base.error"
local files = require "novita.dataset.files"
local job_of = require "novita.batch.job"
local lost = require "novita.batch.models.lost"
local methods = require "novita.base.methods"
local models = require "novita.batch.journal.models"
local money = require "novita.batch.payment.money"
local samples = require "novita.batch.samples"
local scheduler = require "novita.async.scheduler"
local stages = require "novita.batch.stages"
local totals = require "novita.batch.totals"
local usage_error = require "novita.schema.usage_error"

---@class novita.BatchRunOptions
---@field concurrency? integer jobs in progress at once, 1 to 10000 (8)
---@field trainings_per_minute? number trainings created per minute, at most (600)
---@field max_trainings? integer paid requests in this run, at most; the other jobs stay planned
---@field budget? number USD that this run, and earlier ones of the journal with a budget, may pay
--- for trainings and sample images. The first payment of each kind goes alone, and its price is
--- learnt from the balance: only that one may be more than what is left. If the balance does not
--- move within 60 s, the run pays for nothing more. The journal keeps it: later runs have it, too
---@field no_budget? boolean this run and later ones have no budget any more
---@field list_delay? number seconds that a new task may take to appear in the task list after its
--- response was lost (120)
---@field if_not_listed? "resubmit"|"needs_review"|"resubmit_anyway" what to do with a job that has
--- not appeared in the list by then (resubmit). Unless it is "resubmit_anyway", no job is paid for
--- again before the list has shown another task of this batch
---@field no_list? boolean pay without reading the list of trainings first
---@field same_account? boolean the client's key is another key of the account whose key was used
--- before
---@field job_timeout? number seconds a training may take from its creation; then this run stops
--- waiting for it (none)
---@field outage_timeout? number seconds an outage may last before a job fails (3600)
---@field assets_max_age? number seconds, at least 3600, after which an uploaded photo is uploaded again
--- before it is used (86400): the service does not say how long it keeps them
---@field watchdog? boolean with a journal in a database: kills this process if it was stopped in
--- the moment of a paid request, and for so long that another machine may have taken its job over.
--- Needs Linux (docs/fleet.md)
---@field samples? { folder: string, model_name: string, prompt: string, image_num?: integer,
--- strength?: number } sample images for each finished model; other fields as for client:generate;
--- {name} in a text stands for the job's name. The journal keeps them, so later runs do so, too
---@field no_samples? boolean this run and later ones generate no sample images any more
---@field models? string a folder: each model that serves is fetched into it and checked. The journal
--- keeps it, so later runs do so, too. Without one, no model is fetched

---@class novita.JobFilter
---@field stage? novita.JobStage
---@field name? string
---@field id? integer
---@field samples? true jobs whose sample images are missing; `retry` and `abandon` are about the
--- images then
---@field models? true jobs whose models serve, are to be kept and are not, or whose files are missing
--- by now; `retry` and `abandon` are about the files then

---@class novita.Batch
---@field id string 8 hexadecimal digits
local Batch = { __name = "novita.Batch" }
Batch.__index = Batch

--- Plans a run without sending anything, and waits: the photos of jobs that are not paid for are
-- decoded. Use tostring() to show the plan, its fields in programs.
---@param options? novita.BatchRunOptions of the run
---@return novita.batch.Plan?
---@return novita.Error? err
function Batch:dry_run(options)
  local checked = usage_error.raise_at_caller(1, batch_options.check, options or {})
  if checked.samples then
    require("novita.batch.backend").check_samples(checked.samples, 2)
  end
  local loop = self.client and self.client.loop or scheduler.own()
  return catch_journal(require "novita.batch.dry_run", self.journal, loop, self.only, checked)
end

local function claimed(self, again, same_account)
  if self.client then -- a plan can be shown without one
    self.journal:belong_to(self.client, same_account)
  end
  return require("novita.batch.claim").job(self.journal, self.job_id, again)
end

--- For a plan of one job: picks the job of its training, to which `run` and `dry_run` are limited
--- from then on.
---@package
---@param again? boolean pay for one more training, if the last one has ended
---@param same_account? boolean see novita.BatchRunOptions
---@return novita.batch.Row? job
---@return string|novita.Error|nil if_not_listed see novita.batch.claim
function Batch:claim(again, same_account)
  local job, if_not_listed = catch_journal(claimed, self, again, same_account)
  self.only = job and job.id
  return job, if_not_listed
end

local function check_changeable(self)
  if self.read_only then
    usage_error.raise "this batch is read_only: open the journal without it"
  elseif self.running then
    usage_error.raise "this batch is running: wait for its run first"
  end
end

local function check_run(self, options)
  check_changeable(self)
  if not self.client then
    usage_error.raise "this batch has no client: give novita.batch { client = ... }"
  elseif self.client.closed then
    usage_error.raise "the client is closed"
  end
  return batch_options.check(options or {})
end

-- The budget of a run without one is that of the last run that had one: a limit that is left out by
-- mistake would cost money.
local function set_budget(self, options)
  local journal, given = self.journal, options.budget and money.units(options.budget)
  if options.no_budget then
    given = false
  end
  local units = journal:budget(given)
  options.budget = units and money.usd(units)
end

-- A journal belongs to one service and one account, and the client must use those.
local function start(self, options)
  set_budget(self, options)
  self.journal:belong_to(self.client, options.same_account)
  if self.journal.is_shared and not core.has_watchdog then
    self.client:warn { "no watchdog against pauses: " .. batch_options.NO_WATCHDOG }
  end
  options.only, options.again = self.only, self.again
  options.models = self.journal:models_folder(options.models)
  options.samples = options.no_samples and self.journal:sample_options(false)
    or self.journal:sample_options(options.samples)
  local backend = require("novita.batch.backend").new(self.client, options.watchdog)
  return require("novita.batch.run").start(self, backend, options)
end

--- Starts a run, which works until every job has ended. If a job fails, the others continue. A
-- journal that cannot be written and a rejected account end the run; nothing is lost, and the next
-- run continues. Before it pays, a run ends with the code "other_batch" or "other_settings" if the
-- list of trainings has its jobs: see `again` of novita.BatchOptions.
---@param options? novita.BatchRunOptions
---@return novita.BatchRun run a task; its result is a novita.BatchSummary
function Batch:run(options)
  local checked = usage_error.raise_at_caller(1, check_run, self, options)
  if checked.samples then
    require("novita.batch.backend").check_samples(checked.samples, 2)
  end
  local run, err = catch_journal(start, self, checked)
  return run or require("novita.batch.run").failed(self, self.client.loop, err)
end

local function status_of(journal)
  local counts, kept, gone = journal:counts(), journal:count_models(), lost.count(journal)
  local sum = stages.sum(counts)
  return totals.status { counts = counts, jobs = sum.jobs, ended = sum.ended, active = {},
    samples_missing = samples.count_missing(journal:count_samples()),
    models_kept = (kept.done or 0) - gone,
    models_missing = models.count_missing(counts, kept, journal:models_folder()) + gone,
    stopping = false }
end

--- Counts the jobs by stage and lists those in progress.
---@return novita.BatchStatus?
---@return novita.Error? err
function Batch:status()
  if self.running then
    return self.running.runner:status()
  end
  return catch_journal(status_of, self.journal)
end

--- Iterates over the jobs in order, with one page of them in memory at a time. Raises the error if
--- the journal cannot be read.
---@param filter? novita.JobFilter only the jobs with this stage, name or id
---@return fun(): novita.Job?
function Batch:jobs(filter)
  local checked = usage_error.raise_at_caller(1, batch_options.check_filter, filter)
  local next_row = lost.jobs(self.journal, checked)
  local runner = self.running and self.running.runner
  return function()
    local row = next_row()
    return row and job_of(runner and runner.active[row.id] or row)
  end
end

local function check_change(self, filter)
  check_changeable(self)
  return batch_options.check_filter(filter, true)
end

--- Lets the next run retry jobs. Those that the service has failed or canceled are trained again
-- under a new name and paid for again, others that were submitted are waited for again, and the run
-- looks again for those that need review. The batch must not be running.
-- With `samples = true`, it orders sample images again that have failed or may have been billed;
-- with `models = true`, it fetches models again that were damaged, or whose files are missing.
---@param filter novita.JobFilter such as { stage = "failed" }
---@return integer? jobs how many
---@return novita.Error? err
function Batch:retry(filter)
  local checked = usage_error.raise_at_caller(1, check_change, self, filter)
  return catch_journal(require("novita.batch.retry_jobs").retry, self.journal, checked)
end

--- Gives jobs up for good. They must have failed, been canceled, need review, or not be submitted
-- yet; others stay as they are. The batch must not be running.
---@param filter novita.JobFilter such as { name = "anna" }
---@return integer? jobs how many
---@return novita.Error? err
function Batch:abandon(filter)
  local checked = usage_error.raise_at_caller(1, check_change, self, filter)
  return catch_journal(require("novita.batch.retry_jobs").abandon, self.journal, checked)
end

--- Erases what is known about jobs: first the files that runs have saved for them (sample images,
-- models and what lies beside them), then their data in the journal. A note without the data stays,
-- and the jobs are not trained again. The user's photos stay, and the service keeps what it has,
-- because it has no call that removes it. The batch must not be running. A call that fails, or is
-- killed, is completed by the same call.
---@param filter novita.JobFilter such as { name = "anna" }
---@param options? { force?: boolean } force: also jobs whose training still runs at the service
---@return integer? jobs how many
---@return novita.Error? err
function Batch:forget(filter, options)
  local checked = usage_error.raise_at_caller(1, check_change, self, filter)
  local read = usage_error.raise_at_caller(1, batch_options.check_forget, options)
  return catch_journal(require("novita.batch.forget").forget, self.journal, checked, read.force)
end

-- If this coroutine is canceled meanwhile, it still waits until the run has ended.
local function end_run(run)
  run:cancel()
  local ok, err = pcall(run.wait, run)
  if not ok and errors.is(err) then
    pcall(run.wait, run)
  end
  return ok, err
end

--- Closes the journal and releases its lock. A run in progress is canceled, and waited for.
function Batch:close()
  local run, ok, err = self.running, true, nil
  if run and not run.loop:inherited() then
    ok, err = end_run(run)
  end
  self.journal:close()
  if not ok then
    error(err, 0)
  end
end

Batch.__close = Batch.close

function Batch:__gc()
  self.journal:close()
end

function Batch:__tostring()
  return ("novita.Batch (%s)"):format(files.shown(self.journal.path))
end

methods.need_colon(Batch, "batch", {
  "dry_run", "run", "status", "jobs", "retry", "abandon", "forget", "close" })

return Batch
