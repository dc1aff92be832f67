--- Works through a journal: feeds jobs to fibers, so many at a time, and keeps the accounts.
-- Only the jobs that are being worked on are in memory.

local errors = require "novita.base.error"
local error_codes = require "novita.http.error_codes"
local Future = require "novita.async.future"
local groups = require "novita.async.group"
local job_steps = require "novita.batch.job_steps"
local semaphore = require "novita.batch.semaphore"
local states = require "novita.batch.states"

local PREPARING <const> = 3 -- jobs whose photos come up at a time: one after the other gets ready

---@class novita.batch.Runner
local Runner = {}
Runner.__index = Runner

-- {====== what is told ======

local shown = {
  "seq", "name", "task_name", "state", "task_id", "model_name", "photos", "uploaded", "stage",
  "percent", "eta", "trouble", "error", "samples", "kind", "submitted_at",
}

local function view(job)
  local made = {}
  for _, field in ipairs(shown) do
    made[field] = job[field]
  end
  return made
end

--- Tells the script how a job stands.
---@param news? table stage, percent, eta, trouble
function Runner:tell(job, news)
  if news then
    job.stage, job.percent = news.stage or job.stage, news.percent or job.percent
    job.eta, job.trouble = news.eta, news.trouble
  end
  local on_update = self.options.on_update
  if on_update and not self.fatal then
    local ok, err = pcall(on_update, view(job))
    if not ok then
      self:halt(err)
    end
  end
end

--- Changes a job: first on the disk, then here, then told.
function Runner:set(job, fields)
  local before = job.state
  self.journal:set(job, fields)
  if fields.state and fields.state ~= before then
    self.counts[before] = (self.counts[before] or 1) - 1
    self.counts[fields.state] = (self.counts[fields.state] or 0) + 1
  end
  self:tell(job)
end

local function plain(err)
  return err and { kind = err.kind, code = err.code, message = err.message, status = err.status }
end

--- A job has come to its end.
---@param state "serving"|"failed"|"canceled"|"needs_review"
---@param err? novita.Error
---@param fields? table
function Runner:finish(job, state, err, fields)
  local all = { state = state, error = plain(err) or false, ended_at = self.world:server_now() }
  for name, value in pairs(fields or {}) do
    all[name] = value
  end
  self:set(job, all)
  self.finished = self.finished + 1
end

-- }======

-- {====== stopping and pausing ======

--- No new job; those that are not in a paid call leave at their next wait.
function Runner:stop()
  self.stopping = true
  self:resume()
  for job, fiber in pairs(self.fibers) do
    if not self.in_call[job] then
      fiber:cancel()
    end
  end
end

--- Stops because of an error that concerns all jobs.
function Runner:halt(err)
  self.fatal = self.fatal or err
  self:stop()
end

function Runner:pause()
  if not self.stopping then
    self.paused = self.paused or Future.new()
  end
end

-- Looks up once a second: in a plain script, with nothing else under way, a wait without an
-- end would be refused.
local function wait_while_paused(self)
  while self.paused do
    self.paused:wait(1)
  end
end

function Runner:resume()
  local paused = self.paused
  if paused then
    self.paused = nil
    paused:finish(true)
  end
end

-- A job leaves as it is, without an end.
local function leave()
  error(errors.new { kind = "canceled", code = "left", message = "the batch was stopped" }, 0)
end

--- Marks the paid call of a job, which `stop` waits for, but for nothing after it: declare the
--- result <close>.
function Runner:critical(job)
  if self.stopping then
    leave()
  end
  self.in_call[job] = true
  return setmetatable({}, {
    __close = function()
      self.in_call[job] = nil
      if self.stopping then
        self.fibers[job]:cancel()
      end
    end,
  })
end

-- }======

-- {====== the budget of paid calls ======

--- Nobody submits for so many seconds.
function Runner:hold(seconds)
  self.held_until = math.max(self.held_until, self.world:now() + seconds)
end

local function wait_for_turn(self)
  local now = self.world:now()
  local at = math.max(now, self.next_at)
  self.next_at = at + 60 / self.options.rate
  while at > self.world:now() or self.held_until > self.world:now() do
    self.world:sleep(math.max(at, self.held_until) - self.world:now())
  end
end

--- Waits until one more training may be created.
function Runner:pace()
  local most = self.options.max_submissions
  if most and self.submissions >= most then
    self.spent = true
    leave()
  end
  self.submissions = self.submissions + 1
  repeat
    wait_while_paused(self)
    if self.stopping then
      leave()
    end
    wait_for_turn(self)
  until not self.paused
end

-- }======

-- {====== running ======

-- What is no fault of the job's ends the run, and a later one goes on with the job.
local not_of_the_job = { journal = true, canceled = true, memory = true }

local function failed(self, job, err)
  local of_the_world = errors.is(err) and not not_of_the_job[err.kind]
  if of_the_world and not error_codes.is_account(err) then
    return self:finish(job, "failed", err)
  end
  error(err, 0)
end

-- Whether a job may be left as it is; the journal has it, and a later run goes on there.
local function may_leave(self, err)
  return errors.is(err) and (err.code == "left" or self.stopping and err.kind ~= "journal")
end

function Runner:work(job)
  if self.stopping then
    self.fibers[job] = nil
    return
  end
  self.active[job.seq] = job
  local ok, err = pcall(job_steps.live, self, job)
  if not ok and not may_leave(self, err) then
    ok, err = pcall(failed, self, job, err)
    if not ok then
      self:halt(err)
    end
  end
  self.active[job.seq], self.fibers[job] = nil, nil
end

local function begin(self, group, job)
  self.fibers[job] = group:spawn(self.work, self, job)
end

local function feed_from(self, group, wanted)
  local seq = 0
  while not self.stopping and not (self.spent and wanted == states.unpaid) do
    wait_while_paused(self)
    local job = self.journal:next(wanted, seq)
    if not job then
      return
    end
    seq = job.seq
    if not self.active[seq] and not (wanted.undrawn and job.samples_state) then
      begin(self, group, job)
    end
  end
end

-- What is paid for first, then what was begun, in the order of the plan.
local function feed(self)
  local group <close> = groups.new { limit = self.options.concurrency, collect = true }
  feed_from(self, group, states.paid)
  feed_from(self, group, states.unpaid)
  if self.options.samples then
    feed_from(self, group, { "serving", undrawn = true })
  end
end

--- Runs until every job has ended or it is stopped.
---@return novita.BatchSummary? summary
---@return novita.Error? err
function Runner:run()
  self.began = self.world:now()
  local ok, err = pcall(function()
    self.counts = self.journal:counts()
    feed(self)
  end)
  if not ok then
    self.fatal = self.fatal or err
  end
  if self.fatal then
    if errors.is(self.fatal) then
      return nil, self.fatal
    end
    error(self.fatal, 0)
  end
  return {
    counts = self.counts,
    jobs = states.sum(self.counts).jobs,
    stopped = self.stopping or self.spent or false,
    seconds = self.world:now() - self.began,
  }
end

--- How it stands.
---@return novita.BatchStatus
function Runner:status()
  local counts, active = {}, {}
  for state, count in pairs(self.counts) do
    counts[state] = count
  end
  for _, job in pairs(self.active) do
    active[#active + 1] = view(job)
  end
  table.sort(active, function(a, b)
    return a.seq < b.seq
  end)
  local sum = states.sum(counts)
  local minutes = (self.world:now() - self.began) / 60
  local per_minute = self.finished > 0 and minutes > 0 and self.finished / minutes or nil
  return {
    counts = counts, jobs = sum.jobs, ended = sum.ended, active = active,
    per_minute = per_minute, eta = per_minute and sum.open / per_minute * 60,
    paused = self.paused ~= nil, stopping = self.stopping or false,
  }
end

-- }======

local runner = {}

---@param journal novita.batch.Journal
---@param world novita.batch.World
---@param options novita.BatchRunOptions checked
---@return novita.batch.Runner
function runner.new(journal, world, options)
  return setmetatable({
    journal = journal,
    world = world,
    options = options,
    photo_slots = semaphore(options.photos),
    preparing = semaphore(PREPARING),
    counts = {},
    active = {}, -- by seq
    fibers = {}, -- by job
    in_call = {}, -- jobs whose paid call is under way
    finished = 0,
    submissions = 0,
    held_until = 0,
    next_at = 0,
    began = world:now(),
  }, Runner)
end

return runner
