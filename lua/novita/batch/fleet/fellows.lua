--- The other runners of a shared journal, as one of them knows them: it renews its leases, and
--- while others have jobs it waits to take them over, for their machines may die.

local errors = require "novita.base.error"
local groups = require "novita.async.group"

local COUNT_EVERY <const> = 60 -- seconds: counting reads all jobs
local SLICE <const> = 0.1 -- seconds in which a stop, or the end of the last own job, is noticed

local fellows = {}

-- Failures after which the next try may succeed.
local passing = { lost = true, busy = true }

-- A runner that cannot renew its leases writes no intent either, so it pays for nothing.
local function renew(run)
  local ok, drain = pcall(run.journal.renew, run.journal)
  if ok then
    return drain
  elseif not (errors.is(drain) and passing[drain.code]) then
    error(drain, 0)
  end
end

local function count_again(run)
  run.counts, run.samples = run.journal:counts(), run.journal:count_samples()
  run.models = run.journal:count_models()
end

local function beat(run)
  local backend, every, counted_at = run.backend, run.journal.heartbeat, run.backend:now()
  while true do
    backend:sleep(every * (0.7 + 0.3 * math.random()))
    if renew(run) then
      run:stop()
    end
    if backend:now() - counted_at >= COUNT_EVERY then
      count_again(run)
      counted_at = backend:now()
    end
  end
end

local function beat_until_canceled(run)
  local ok, err = pcall(beat, run)
  if not ok and not (errors.is(err) and err.kind == "canceled") then
    run:halt(err)
  end
end

--- Runs `work(run)` while the leases are renewed.
---@param run novita.batch.Runner
---@param work fun(run: novita.batch.Runner)
function fellows.alive(run, work)
  local group <close> = groups.new(run.backend.loop)
  group:spawn(beat_until_canceled, run)
  local ok, err = pcall(work, run)
  group:cancel()
  if not ok then
    error(err, 0)
  end
end

--- Ends the part of a runner in a shared journal. The leases would end by themselves.
---@param run novita.batch.Runner
function fellows.leave(run)
  local ok, err = pcall(run.journal.leave, run.journal)
  ok = ok and pcall(count_again, run)
  if not ok and not errors.is(err) then
    error(err, 0)
  end
end

local function pause(run)
  local till = run.backend:now() + run.journal.heartbeat * (0.5 + 0.5 * math.random())
  local has_jobs = next(run.fibers)
  while run.backend:now() < till and not run.stopping and not (has_jobs and not next(run.fibers)) do
    run.backend:sleep(SLICE)
  end
end

--- Calls `feed()`, which starts the jobs that are free, until all jobs have ended.
---@param run novita.batch.Runner
---@param feed fun()
---@param has_open fun(): boolean whether this runner or another one has something to do
function fellows.share(run, feed, has_open)
  feed()
  while not (run.stopping or run.spent or run.options.only) and has_open() do
    pause(run)
    feed()
  end
end

return fellows
