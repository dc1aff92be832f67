--- The paid call of a job, exactly once.
--
-- The intent is on the disk before the first byte leaves, the call is sent once, its answer
-- is on the disk at once. What is neither an id nor a clear refusal leaves the job in
-- `intent`: after the grace the service's own list says whether the task is there. The list
-- is asked by the job's unique name, so a task that is found early may be adopted early;
-- only its absence has to wait for the grace.

local errors = require "novita.base.error"
local error_codes = require "novita.http.error_codes"

local BACKOFF <const>, BACKOFF_MOST <const> = 1, 60 -- seconds
local LOOK <const>, LOOK_MOST <const> = 1, 30 -- seconds between two looks into the list
local ABSENT_MOST <const> = 3 -- answers lost in a row, with nothing in the list: park it

local submit = {}

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
    if err.kind == "canceled" then
      error(err, 0)
    elseif error_codes.is_account(err) then
      run:halt(err)
      error(err, 0)
    end
    run:tell(job, { trouble = err.message })
    return nil, err
  end
  return task
end

-- What the batch does about each class of error; the other classes leave it unknown whether the
-- task was created.
local actions = { refused = "refused", not_found = "refused", account = "account", later = "later" }

---@return "refused"|"account"|"later"|"ambiguous"
local function action_for(err)
  return actions[error_codes.class_of(err)] or "ambiguous"
end

-- Whether retrying may help: yes for an outage, no if listing is refused.
local function may_pass(err)
  return err and action_for(err) ~= "refused"
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
  local what = action_for(err)
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
