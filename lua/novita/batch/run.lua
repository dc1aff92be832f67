--- A run of a batch as scripts hold it: a task whose result is a summary, and whose updates are
--- jobs. The work is in a fiber of the client's loop.
--
-- Each iteration over the updates has its own queue, in which a job waits once per stage: new
-- progress within a stage replaces the earlier one.

local core = require "novita.core"
local errors = require "novita.base.error"
local fibers = require "novita.async.fiber"
local Future = require "novita.async.future"
local job_of = require "novita.batch.job"
local methods = require "novita.base.methods"
local runner = require "novita.batch.runner"
local usage_error = require "novita.schema.usage_error"
local waiting = require "novita.async.waiting"

---@class novita.BatchRun
local Run = { __name = "novita.BatchRun" }
for name, method in pairs(Future) do
  Run[name] = method
end
Run.__index = Run

-- {====== updates ======

local function add(queue, job)
  local at = queue.at[job.id]
  local waits = at and queue[at]
  if not waits or waits.stage ~= job.stage then
    at = queue.last + 1
    queue.last, queue.at[job.id] = at, at
  end
  queue[at] = job
end

local function take(queue)
  local first = queue.first
  local job = queue[first]
  if job then
    queue[first], queue.first = nil, first + 1
    if queue.at[job.id] == first then
      queue.at[job.id] = nil
    end
    queue.taken, queue.taken_at = job, core.now()
  end
  return job
end

local function wake(self)
  local change = self.change
  if change then
    self.change = nil
    change:finish(true)
  end
end

-- Called by the runner at each change of a job.
local function changed(self, row)
  for queue in pairs(self.queues) do
    add(queue, job_of(row))
  end
  wake(self)
end

-- The seconds until the last job is repeated; nil if it is not.
local function time_left(queue, every)
  return every and queue.taken and math.max(0, queue.taken_at + every - core.now())
end

local function next_job(self, queue, every)
  repeat
    local job = take(queue)
    if job or self.settled then
      return job
    end
    self.change = self.change or Future.new { loop = self.loop }
    local left = time_left(queue, every)
  until not waiting.wait(self.change, left) and left
  queue.taken_at = core.now()
  return queue.taken
end

--- Iterates over the changes of the jobs, from the present ones of those in progress until the run
-- has ended: `for job in run:updates() do`. Each stage of a job is given, progress within a stage
-- only as it is by then.
---@param every? number seconds, above 0, after which the last job is repeated without a change
---@return fun(): novita.Job?
---@return nil
---@return nil
---@return table closed at the end of the loop
function Run:updates(every)
  if every ~= nil and not (type(every) == "number" and every > 0) then
    error(usage_error.wrong_value("every", "a number of seconds > 0", every), 2)
  end
  local queue = { first = 1, last = 0, at = {} }
  for _, job in ipairs(self.runner and self.runner:status().active or {}) do
    add(queue, job)
  end
  self.queues[queue] = true
  return function()
    return next_job(self, queue, every)
  end, nil, nil, setmetatable({}, {
    __close = function()
      self.queues[queue] = nil
    end,
  })
end

-- }======

--- Ends the run gracefully: it starts no new job, aborts uploads (the next run repeats only those),
-- and waits for a paid request in progress. Trainings at the service continue. Then the run has
-- ended, with its summary. May be called more than once.
function Run:cancel()
  if not self.settled then
    self.runner:stop()
  end
end

---@package
function Run:client_closed()
  self:cancel()
end

--- Counts the jobs by stage and lists those in progress.
---@return novita.BatchStatus?
---@return novita.Error? err
function Run:status()
  return self.batch:status()
end

-- Cancels the run and waits for its end. In a child made by fork the run is the parent's.
function Run:__close()
  if not self.loop:inherited() then
    self:cancel()
    self:wait()
  end
end

function Run:__tostring()
  local how = not self.settled and "in progress" or self.err and "failed" or "ended"
  return ("novita.BatchRun (%s, %s)"):format(self.batch.journal.path, how)
end

methods.need_colon(Run, "run", { "updates", "cancel", "status", "wait", "done", "result" })

-- {====== the work ======

-- The fiber of a run, as the scheduler sees it.
local Flow = {}
Flow.__index = Flow

local function closed_error()
  return errors.new {
    kind = "canceled",
    message = "the client was closed during the run: the next run of the journal continues",
  }
end

function Flow:ended(ok, summary, err)
  local run = self.run
  local client = run.batch.client
  client.flows[run], run.batch.running = nil, nil
  if client.closed then
    summary, err = nil, closed_error()
  elseif not ok then
    summary, err = nil, errors.caught(summary)
  end
  run:finish(summary, err)
  wake(run)
end

local function new(batch, loop)
  return setmetatable({
    batch = batch, -- also keeps it from being collected, which would close the journal
    loop = loop,
    queues = setmetatable({}, { __mode = "k" }),
  }, Run)
end

local runs = {}

--- Starts a run.
---@param batch novita.Batch
---@param backend novita.batch.Backend
---@param options novita.BatchRunOptions checked
---@return novita.BatchRun
function runs.start(batch, backend, options)
  local run = new(batch, backend.loop)
  run.runner = runner.new(batch.journal, backend, options, function(row)
    changed(run, row)
  end)
  batch.running, batch.client.flows[run] = run, true
  local flow = setmetatable({ run = run, loop = run.loop, members = {} }, Flow)
  fibers.start(flow, run.runner.run, run.runner)
  return run
end

--- A run that has failed before it began.
---@param batch novita.Batch
---@param loop novita.async.Loop
---@param err novita.Error
---@return novita.BatchRun
function runs.failed(batch, loop, err)
  local run = new(batch, loop)
  run:finish(nil, err)
  return run
end

return runs
