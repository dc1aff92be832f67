--- The paid call of a job, exactly once.
--
-- The intent is on the disk before the first byte leaves, the call is sent once, its answer
-- is on the disk at once. What is neither an id nor a clear refusal leaves the job in
-- `intent`: after the grace the service's own list says whether the task is there. The list
-- is asked by the job's unique name, so a task that is found early may be adopted early;
-- only its absence has to wait for the grace.

local errors = require "novita.base.error"

local BACKOFF <const>, BACKOFF_MOST <const> = 1, 60 -- seconds
local LOOK <const>, LOOK_MOST <const> = 1, 30 -- seconds between two looks into the list
local ABSENT_MOST <const> = 3 -- answers lost in a row, with nothing in the list: park it

local submit = {}

-- {====== what an error means ======

local account = { [401] = true, [402] = true, [403] = true }

local money = {
  BILLING_BALANCE_NOT_ENOUGH = true, BILLING_AUTH_FAILED = true, FEATURE_NOT_ALLOWED = true,
  API_NOT_ALLOWED = true, MISSING_API_KEY = true, INVALID_API_KEY = true,
}

--- Whether the account is refused, and so every other job would be.
---@return boolean
function submit.is_account(err)
  return money[err.code] or account[err.status] and err.kind == "api" or false
end

-- Whether it is sure that nothing was made: refused in clear words, or never sent.
---@return "refused"|"account"|"later"|"ambiguous"
local function meaning(err)
  local status = err.status
  if err.ambiguous or err.kind == "cancelled" then
    return "ambiguous"
  elseif status == 429 then
    return "later"
  elseif status and status >= 400 and status < 500 and status ~= 408 then
    return (account[status] or money[err.code]) and "account" or "refused"
  elseif not status and (err.kind == "network" or err.kind == "tls") then
    return "later" -- no byte of it left: the core says `ambiguous` otherwise
  end
  return "ambiguous"
end

-- }======

-- {====== a job that may have been created ======

local function adopt(run, job, task)
  run:set(job, {
    state = "submitted",
    task_id = task.task_id,
    submitted_at = run.world:server_now(),
    error = false,
  })
end

local function park(run, job, why)
  run:finish(job, "needs_review", errors.new {
    kind = "api",
    code = "needs_review",
    message = ("the answer to its creation was lost, and %s: look for %q before it is created "
      .. "again"):format(why, job.task_name),
  })
end

local function not_there(run, job)
  job.absences = (job.absences or 0) + 1
  if run.options.if_not_listed == "resubmit" and job.absences < ABSENT_MOST then
    return run:set(job, { state = "ready" })
  end
  park(run, job, "the task list does not have it")
end

-- One look; nil and an error where it could not be looked.
local function look(run, job)
  local task, err = run.world:find(job.task_name)
  if err then
    if err.kind == "cancelled" then
      error(err, 0)
    elseif submit.is_account(err) then
      run:halt(err)
      error(err, 0)
    end
    run:tell(job, { trouble = err.message })
    return nil, err
  end
  return task
end

-- Whether it may be otherwise at another time: an outage is, a service that refuses to list is not.
local function may_pass(err)
  return err and meaning(err) ~= "refused"
end

--- Finds out what became of a job in `intent`: afterwards it is submitted, ready or parked.
--- The call has ended, with its answer or with the run that sent it. How long ago a run ended
--- only clocks could tell that may have been set since: the grace is counted from now on.
function submit.settle(run, job)
  local looked_at, wait = nil, LOOK
  local task, err = look(run, job)
  local over = run.world:now() + run.options.list_delay
  while not task and (may_pass(err) or not looked_at or looked_at < over) do
    local left = over - run.world:now()
    run.world:sleep(left > 0 and math.min(wait, left) or wait)
    wait = math.min(wait * 2, LOOK_MOST)
    looked_at = run.world:now()
    task, err = look(run, job)
  end
  if task then
    return adopt(run, job, task)
  elseif err then
    return park(run, job, "the task list is refused: " .. err.message)
  end
  not_there(run, job)
end

-- }======

-- {====== the call ======

local function sent(run, job, training, body)
  local _ <close> = run:critical(job)
  run:set(job, {
    state = "submitting",
    intent_at = run.world:server_now(),
    posts = job.posts + 1,
  })
  local task_id, err = run.world:create(training.kind, body, training.definition)
  if task_id then
    adopt(run, job, { task_id = task_id })
    return "created"
  end
  local what = meaning(err)
  if what ~= "ambiguous" then
    run:set(job, { state = "ready" }) -- nothing was made: no need to look for it
  end
  return what, err
end

--- Waits until a call may be tried again.
---@param tries integer how often that was done before
function submit.back_off(run, job, err, tries)
  run:tell(job, { trouble = err.message })
  local seconds = err.retry_after
    or math.min(BACKOFF_MOST, BACKOFF * 2 ^ tries) * (0.5 + math.random() / 2)
  if err.status == 429 then
    run:hold(seconds) -- the others need not learn it each by a refusal of its own
  end
  run.world:sleep(seconds)
end

--- Submits a job whose photos are up: afterwards it is submitted, parked or failed.
function submit.submit(run, job, training, ids)
  local body, tries, trouble_since = training:body(ids), 0, nil
  while job.state == "ready" do
    run:pace()
    local what, err = sent(run, job, training, body)
    if what == "ambiguous" then
      run:tell(job, { trouble = err.message })
      submit.settle(run, job)
    elseif what == "account" then
      run:halt(err)
      error(err, 0)
    elseif what == "refused" then
      return run:finish(job, "failed", err)
    elseif what == "later" then
      trouble_since = trouble_since or run.world:now()
      if run.world:now() - trouble_since >= run.options.outage_timeout then
        return run:finish(job, "failed", err)
      end
      submit.back_off(run, job, err, tries)
      tries = tries + 1
    end
  end
end

-- }======

return submit
