--- Works through a journal: starts a fiber for each job, a limited number at a time, and counts
-- stages and submissions. Only the jobs in progress are in memory.

local budget = require "novita.batch.payment.budget"
local ends_run = require "novita.batch.ends_run"
local errors = require "novita.base.error"
local fellows = require "novita.batch.fleet.fellows"
local groups = require "novita.async.group"
local job_of = require "novita.batch.job"
local job_end = require "novita.batch.job_end"
local job_steps = require "novita.batch.job_steps"
local model_steps = require "novita.batch.model_steps"
local models = require "novita.batch.journal.models"
local samples = require "novita.batch.samples"
local semaphore = require "novita.async.semaphore"
local stages = require "novita.batch.stages"
local task_list = require "novita.batch.task_list"
local totals = require "novita.batch.totals"

local UPLOADING_MOST <const> = 3 -- jobs that upload at once; with few, the first is ready early

---@class novita.batch.Runner
local Runner = { shows_findings = true }
Runner.__index = Runner

-- {====== changes of jobs ======

--- Keeps what the service has said of a job.
---@param status table task_status, model_status, progress_percent, eta, last_error
function Runner.keep_words(job, status)
  job.task_status = status.task_status or job.task_status
  job.model_status = status.model_status or job.model_status
  job.progress_percent = status.progress_percent or job.progress_percent
  job.eta, job.last_error = status.eta, status.last_error
end

--- Reports a change of a job.
---@param status? table see `keep_words`
function Runner:notify(job, status)
  if status then
    self.keep_words(job, status)
  end
  self.changed(job)
end

local function recount(counts, before, now)
  if before == now then
    return
  elseif before then
    local left = (counts[before] or 1) - 1
    counts[before] = left > 0 and left or nil
  end
  if now then
    counts[now] = (counts[now] or 0) + 1
  end
end

--- Changes a job: first on the disk, then in memory.
---@param fields table<string, any>
---@param with? novita.batch.With
function Runner:change(job, fields, with)
  if job.task_id and fields.stage and fields.task_id == nil then
    fields.task_id = job.task_id -- after a failover the journal may not have it any more
  end
  local before = job.stage
  local samples_before, model_before = job.samples_state, job.model_state
  self.journal:set(job, fields, with)
  recount(self.counts, before, job.stage)
  recount(self.samples, samples_before, job.samples_state)
  recount(self.models, model_before, job.model_state)
end

--- The same, and reports it.
---@param fields table<string, any>
---@param with? novita.batch.With
function Runner:set(job, fields, with)
  self:change(job, fields, with)
  self:notify(job)
end

-- Whether the work on a job continues after its training: its model is kept, or its images.
local function continues(self, job, stage)
  return stage == "serving"
    and (self.options.models or self.options.samples or job.samples_state) and true or false
end

--- Ends a job.
---@param stage "serving"|"failed"|"canceled"|"needs_review"
---@param err? novita.Error
---@param fields? table
function Runner:finish(job, stage, err, fields)
  job.last_error = nil -- only a job that continues has it
  self:set(job, job_end.fields(stage, err, self.backend:server_now(), fields),
    { release = not continues(self, job, stage) })
  self.finished = self.finished + 1
end

-- }======

--- Passes a warning to the script, if there is one.
---@param text? string
function Runner:report(text)
  if text then
    self.backend:warn(text)
  end
end

-- {====== stopping ======

--- Starts no new job. The jobs that are not in a paid request leave at their next wait.
function Runner:stop()
  self.stopping = true
  for job, fiber in pairs(self.fibers) do
    if not self.in_request[job] then
      fiber:cancel()
    end
  end
end

-- Whether an error only says that a fiber was canceled: another one is the reason.
local function is_canceled(err)
  return errors.is(err) and err.kind == "canceled"
end

--- Stops because of an error that affects all jobs. The first reason is that of the run.
function Runner:halt(err)
  if self.fatal == nil or is_canceled(self.fatal) then
    self.fatal = err
  end
  self:stop()
end

-- A job leaves the run in its present stage.
local function leave()
  error(errors.new { kind = "canceled", code = "left", message = "the batch was stopped" }, 0)
end

--- Leaves the job in its present stage. Raises.
function Runner:leave()
  leave()
end

--- Marks the paid request of a job. `stop` waits for the request, but for nothing after it. Declare
--- the result <close>.
function Runner:critical(job)
  if self.stopping then
    leave()
  end
  self.in_request[job] = true
  return setmetatable({}, {
    __close = function()
      self.in_request[job] = nil
      if self.stopping then
        self.fibers[job]:cancel()
      end
    end,
  })
end

-- }======

-- {====== the rate of paid requests ======

--- Delays all submissions for some seconds.
function Runner:hold(seconds)
  self.held_until = math.max(self.held_until, self.backend:now() + seconds)
end

local function wait_for_rate(self)
  local now = self.backend:now()
  local at = math.max(now, self.next_at)
  self.next_at = at + 60 / self.options.trainings_per_minute
  while at > self.backend:now() or self.held_until > self.backend:now() do
    self.backend:sleep(math.max(at, self.held_until) - self.backend:now())
  end
end

--- Waits until one more training may be created.
function Runner:wait_to_submit()
  local most = self.options.max_trainings
  if most and self.submissions >= most then
    self.spent = true
    leave()
  end
  self.submissions = self.submissions + 1
  wait_for_rate(self)
  if self.stopping then
    leave()
  end
end

--- Waits because of the other runners of a shared journal.
---@param seconds? number nil: no more trainings may be created
function Runner:wait_for_others(seconds)
  if not seconds then
    self.spent = true
    leave()
  end
  self.backend:sleep(seconds)
end

--- Waits until a journal that is in another server may be paid for again.
function Runner:wait_for_server()
  local left = self.journal:follow_server(self.options.list_delay)
  if left > 1 and not self.waits_for_server then
    self.waits_for_server = true
    self:report(("journal %s: it is in another server than before (a failover, or a restored copy):"
      .. " this run pays for nothing for %.0f s, and then reads the list of trainings again")
      :format(self.journal.path, left))
  end
  while left > 0 do
    self.backend:sleep(left)
    left = self.journal:follow_server(self.options.list_delay)
  end
  self.waits_for_server = nil
end

--- After wait_to_submit: the training is not created, or not yet.
function Runner:not_submitted()
  self.submissions = self.submissions - 1
end

-- }======

-- {====== running ======

local function failed(self, job, err)
  if errors.is(err) and not ends_run(err) then
    return self:finish(job, "failed", err)
  end
  error(err, 0)
end

local left <const> = { left = true, lease_lost = true, locked = true }

-- Whether a job may stay as it is: the journal has its stage, and a later run continues from it.
-- One that another runner has taken over is that one's.
local function may_leave(self, err)
  return errors.is(err) and (left[err.code] or self.stopping and err.kind ~= "journal")
end

-- Ends the work on a job; another runner may take it.
local function give_back(self, job)
  self.active[job.id], self.fibers[job] = nil, nil
  local ok, err = pcall(self.journal.give_back, self.journal, job)
  if not ok then
    self:halt(err)
  end
end

--- Finds out whether the paid request of a job was lost, if its runner has died: this runner waits
--- for that, and may have no room for one more job.
---@param id integer
---@return boolean looked
function Runner:look_for(id)
  local job = self.journal:take_one(id)
  if not job then
    return false
  end
  local ok, err = pcall(job_steps.find_lost, self, job)
  self.journal:give_back(job)
  if not ok then
    error(err, 0)
  end
  return true
end

function Runner:work(job)
  if self.stopping then
    return give_back(self, job)
  end
  self.active[job.id] = job
  local ok, err = pcall(job_steps.run, self, job)
  if not ok and not may_leave(self, err) then
    ok, err = pcall(failed, self, job, err)
    if not ok then
      self:halt(err)
    end
  end
  give_back(self, job)
end

local function start(self, group, job)
  self.fibers[job] = group:spawn(self.work, self, job)
end

-- Starts the jobs that `next_job` of the journal finds, one after the other.
local function feed_from(self, group, next_job, wanted)
  local id = 0
  while true do
    group:wait_for_room() -- a job that is taken and does not begin would be kept from others
    if self.stopping or self.spent and wanted == stages.unpaid then
      return
    end
    local job = next_job(self.journal, wanted, id)
    if not job then
      return
    end
    id = job.id
    if not self.active[id] then
      start(self, group, job)
    elseif self.journal.is_shared then
      self.journal:give_back(job) -- this runner has lost it a moment ago, and does not know yet
    end
  end
end

local function take_with_samples(journal, states, id)
  return journal:take_serving("samples_state", states, id)
end

local function feed_one(self, group, id)
  local job = self.journal:take_one(id)
  if job then
    start(self, group, job)
  end
end

local function take_without_model(journal, states, id)
  return journal:take_serving("model_state", states, id)
end

local function new_group(self)
  return groups.new(self.backend.loop, { limit = self.options.concurrency, collect = true })
end

-- First the paid jobs, then the unpaid ones, then sample images that are missing; each in the order
-- of the plan.
local function feed_all(self, group)
  local journal = self.journal
  feed_from(self, group, journal.take, stages.paid)
  feed_from(self, group, journal.take, stages.unpaid)
  local wanted = { "generating", "planned" }
  if self.options.samples then
    wanted[3] = false -- jobs without a state
  end
  feed_from(self, group, take_with_samples, wanted)
end

local function feed(self)
  local group <close> = new_group(self)
  if self.options.only then
    feed_one(self, group, self.options.only)
  elseif self.journal.is_shared then
    fellows.share(self, function()
      feed_all(self, group)
    end, function()
      return self.journal:has_work(stages.open)
    end)
    for _, text in ipairs(self.stopping and {} or self.journal:waiting_texts()) do
      self:report(text)
    end
  else
    feed_all(self, group)
  end
end

-- When all others have ended: models that earlier runs have left, and those that had no link yet.
local function feed_models(self)
  if self.options.models then
    local group <close> = new_group(self)
    self.waits_for_links = true
    if self.options.only then
      feed_one(self, group, self.options.only)
    else
      feed_from(self, group, take_without_model, { false })
    end
  end
end

local function work_through(self)
  model_steps.look_again(self)
  local ready, err = model_steps.prepare(self)
  if not ready then
    error(err, 0)
  end
  feed(self)
  feed_models(self)
end

local function feed_alive(self)
  if not self.journal.is_shared then
    return work_through(self)
  end
  local ok, err = pcall(fellows.alive, self, work_through)
  fellows.leave(self)
  if not ok then
    error(err, 0)
  end
end

-- How many models are kept, and how many are to be kept and are not there.
local function count_kept(self)
  local missing = models.count_missing(self.counts, self.models, self.options.models)
  return (self.models.done or 0) - self.models_away, missing + self.models_away
end

-- The budget does not count trainings of earlier runs without one.
local function budget_facts(self)
  local facts = self.budget:facts()
  facts.unbudgeted = math.max(0, stages.count_trained(self.counts) - facts.trainings)
  return facts
end

--- Runs until every job has ended or it is stopped.
---@return novita.BatchSummary? summary
---@return novita.Error? err
function Runner:run()
  self.started_at = self.backend:now()
  local ok, err = pcall(feed_alive, self)
  if not ok then
    self:halt(err)
  end
  if self.fatal then
    if errors.is(self.fatal) then
      return nil, self.fatal
    end
    error(self.fatal, 0)
  end
  local kept, lacking = count_kept(self)
  return totals.summary {
    counts = self.counts,
    jobs = stages.sum(self.counts).jobs,
    samples_missing = samples.count_missing(self.samples),
    models_kept = kept, models_missing = lacking,
    stopped = self.stopping or self.spent or false,
    budget = self.budget and budget_facts(self),
    seconds = self.backend:now() - self.started_at,
  }
end

--- Counts, rates and the jobs in progress.
---@return novita.BatchStatus
function Runner:status()
  local counts, active = {}, {}
  for stage, count in pairs(self.counts) do
    counts[stage] = count
  end
  for _, job in pairs(self.active) do
    active[#active + 1] = job_of(job)
  end
  table.sort(active, function(a, b)
    return a.id < b.id
  end)
  local sum = stages.sum(counts)
  local minutes = (self.backend:now() - self.started_at) / 60
  local kept, lacking = count_kept(self)
  local per_minute = self.finished > 0 and minutes > 0 and self.finished / minutes or nil
  return totals.status {
    counts = counts, jobs = sum.jobs, ended = sum.ended, active = active,
    per_minute = per_minute, eta = per_minute and sum.open / per_minute * 60,
    samples_missing = samples.count_missing(self.samples),
    models_kept = kept, models_missing = lacking,
    stopping = self.stopping or false,
  }
end

-- }======

local runner = {}

---@param journal novita.batch.Journal
---@param backend novita.batch.Backend
---@param options novita.BatchRunOptions checked
---@param changed? fun(row: novita.batch.Row) called at each change of a job
---@return novita.batch.Runner
function runner.new(journal, backend, options, changed)
  local self = setmetatable({
    is_batch = true, -- a job with the name of an earlier one is the same with other settings
    journal = journal,
    backend = backend,
    task_list = task_list.new(journal, backend),
    options = options,
    changed = changed or function() end,
    photo_permits = backend:photo_permits(),
    job_permits = semaphore(backend.loop, UPLOADING_MOST),
    counts = journal:counts(),
    samples = journal:count_samples(),
    models = journal:count_models(),
    models_away = 0, -- kept, and not there any more
    active = {}, -- by id
    fibers = {}, -- by job
    in_request = {}, -- jobs whose paid request is in progress
    warned = {}, -- by text: what is said once
    finished = 0,
    submissions = 0,
    held_until = 0,
    next_at = 0,
    started_at = backend:now(),
    quiet_at = backend:now() + journal.request_seconds, -- the earlier run's requests end by then
  }, Runner)
  self.budget = options.budget and budget.new(self, options.budget)
  return self
end

return runner
