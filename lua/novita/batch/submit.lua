--- Sends the paid request of a job exactly once.
--
-- The stage `submitting`, the intent, is on the disk before the first byte is sent. The request is
-- sent once, and its response is written at once. A response that is neither an id nor a clear
-- rejection leaves the job in `submitting`; then the service's list of tasks shows whether a task
-- with the job's unique name exists. A task is adopted as soon as it appears. Its absence counts
-- only after a delay, the grace (the option list_delay), because a new task may appear in the list
-- late, and only if the list has shown another task of this batch (novita.batch.task_list).

local budget = require "novita.batch.payment.budget"
local errors = require "novita.base.error"
local error_codes = require "novita.http.error_codes"
local model_steps = require "novita.batch.model_steps"
local price_kind = require "novita.batch.payment.price_kind"
local task_names = require "novita.batch.task_names"
local training_steps = require "novita.client.training_steps"
local version = require("novita.core").version

local LIST_INTERVAL <const>, LIST_INTERVAL_MOST <const> = 1, 30 -- seconds between list requests

--- MISSES_MOST: after how many lost responses in a row a job without a listed task needs review.
local submit = { MISSES_MOST = 3 }

-- {====== a job that may have been created ======

--- Takes over a task that the service has.
---@param task { task_id: string, attempt?: integer } attempt: the job's, or a later one, if the
--- journal is an older copy
---@param settle? { what: string, made: boolean, id?: integer } its payment; nil: the job's last one
function submit.adopt(run, job, task, settle)
  run:set(job, submit.adopted(job, task, run.journal.id, run.backend:server_now()),
    { settle = settle or budget.settled(run, "training", true) })
end

--- The fields of a job whose task the service has.
---@return table<string, any>
function submit.adopted(job, task, batch, at)
  local attempt = task.attempt or job.attempt
  return {
    stage = "unknown",
    task_id = task.task_id,
    attempt = attempt,
    task_name = attempt ~= job.attempt and task_names.of_attempt(job, batch, attempt) or nil,
    submitted_at = at,
    error = false,
    misses = 0,
  }
end

local function need_review(run, job, why)
  run:finish(job, "needs_review", errors.new {
    kind = "api",
    code = "needs_review",
    message = ("the response to its paid request was lost, and %s: look for %s in the list of "
      .. "trainings before you pay again"):format(why, job.task_name),
  }, { misses = job.misses + 1 })
end

-- To pay anyway is a decision about the jobs that were found in `submitting`. The person who has
-- made it could not know about those whose response is lost later.
local function not_listed(run, job, was_found)
  local action = run.options.if_not_listed
  local proven = was_found and action == "resubmit_anyway" or run.task_list:proves_absence(job)
  if action ~= "needs_review" and proven and job.misses + 1 < submit.MISSES_MOST then
    return run:set(job, { stage = "ready", misses = job.misses + 1 },
      { settle = run.task_list:proves_absence(job) and budget.settled(run, "training", false)
        or nil })
  end
  need_review(run, job, proven and "the list does not have it"
    or "the list has shown no task of this batch, so it may be there under another name")
end

-- Searches the list once; returns nil and an error if the list could not be read.
local function find(run, job)
  local task, err = run.task_list:find(job)
  if err then
    if err.kind == "canceled" then
      error(err, 0)
    elseif error_codes.is_account(err) then
      run:halt(err)
      error(err, 0)
    end
    run:notify(job, { last_error = err })
    return nil, err
  end
  return task
end

-- The batch's reaction to each class of error; the other classes leave it unknown whether the
-- task was created.
local actions = { refused = "refused", not_found = "refused", account = "account", later = "later" }

--- The meaning of the error of a paid request for its job.
---@return "refused"|"account"|"later"|"ambiguous"
function submit.action_for(err)
  return actions[error_codes.class_of(err)] or "ambiguous"
end

-- Whether retrying may help: yes for an outage, no if listing is refused or has no end.
local function may_pass(err)
  return err and err.code ~= "list_without_end" and submit.action_for(err) ~= "refused"
end

--- Finds out whether the task of a job in `submitting` exists. Afterwards the job is submitted,
--- ready or needs review. The request that may have created it has ended, or ends by `run.quiet_at`
--- at the latest. The delay is counted from now: only clocks could say how long ago the request was
--- sent, and they may have been set since.
---@param was_found? boolean whether an earlier run has left the job so, or a person has retried it
function submit.settle(run, job, was_found)
  local searched_at, wait = nil, LIST_INTERVAL
  local quiet_at = math.max(run.quiet_at, run.backend:now() + (job.request_seconds or 0))
  job.request_seconds = nil -- of the runner from which this one has taken the job over
  local task, err = find(run, job)
  local deadline = math.max(run.backend:now(), quiet_at) + run.options.list_delay
  while not task and (may_pass(err) or not searched_at or searched_at < deadline) do
    local left = deadline - run.backend:now()
    run.backend:sleep(left > 0 and math.min(wait, left) or wait)
    wait = math.min(wait * 2, LIST_INTERVAL_MOST)
    searched_at = run.backend:now()
    task, err = find(run, job)
  end
  if task then
    return submit.adopt(run, job, task)
  elseif err then
    return need_review(run, job, err.code == "list_without_end" and err.message
      or "the service refuses to list tasks: " .. err.message)
  end
  not_listed(run, job, was_found)
end

-- }======

-- {====== the request ======

local function write_intent(run, job, body, payment)
  local training = { interval = 60 / run.options.trainings_per_minute,
    most = run.options.max_trainings, server = job.server }
  local fields = { stage = "submitting", intent_at = run.backend:server_now(),
    posts = job.posts + 1 }
  local request = { body = body, version = version }
  payment:intend(function(reserved)
    run:set(job, fields, { request = request, training = training, payment = reserved })
  end)
end

-- Failures of an intent after which this runner sends nothing, and may try again: whether the
-- intent was written is unknown, it was not written, or it has taken too long.
local unsent = { lost = true, busy = true, late = true }

-- Reasons why an intent was certainly not written.
local unwritten = { pace = true, other_server = true, turn = true }

--- Whether an error says that an intent was certainly not written.
---@param err novita.Error
---@return boolean
function submit.is_unwritten(err)
  return unwritten[err.code] or false
end

--- Writes the intent of a paid request, and then sends the request. A process that is stopped in
--- between may have been replaced.
---@param write fun()
---@param create fun(send_by: number?): string?, novita.Error?
---@return string? task_id
---@return novita.Error? err
function submit.guarded(run, job, write, create)
  local ok, send_by = pcall(function()
    write()
    return run.journal:check_runner(job)
  end)
  if ok then
    return create(send_by)
  elseif errors.is(send_by) and unwritten[send_by.code] then
    return nil, send_by
  elseif not (errors.is(send_by) and send_by.kind == "journal" and unsent[send_by.code]) then
    error(send_by, 0)
  end
  return nil, errors.new { kind = "timeout", code = send_by.code, message = send_by.message,
    retryable = true }
end

-- A training that was certainly not created counts for no limit. The limits of several runners
-- count one whose intent may be lost, and do not know one whose intent was not written.
local function discount(run, err)
  run:not_submitted()
  if err.code ~= "lost" and err.code ~= "busy" then
    run.journal:uncount_training()
  end
end

local function send(run, job, training, body, payment)
  local _ <close> = run:critical(job)
  local task_id, err = submit.guarded(run, job, function()
    write_intent(run, job, body, payment)
  end, function(send_by)
    return run.backend:create(training.task_type, body, send_by)
  end)
  if task_id then
    submit.adopt(run, job, { task_id = task_id }, payment:settled(true))
    return "created"
  end
  local result = unwritten[err.code] and err.code or submit.action_for(err)
  if unwritten[result] then
    run:not_submitted()
  elseif result ~= "ambiguous" then
    -- nothing was created: no need to look for it
    run:set(job, { stage = "ready" }, { settle = payment:settled(false) })
    discount(run, err)
  end
  return result, err
end

--- Waits until a request may be tried again.
---@param tries integer how often this request was tried again before
function submit.back_off(run, job, err, tries)
  run:notify(job, { last_error = err })
  local seconds = training_steps.backoff(err, tries)
  if err.status == 429 then
    run:hold(seconds) -- saves every other job a rejection
  end
  run.backend:sleep(seconds)
end

-- Handles a response that does not show whether the task was created. If the account is refused, a
-- person must act, and the job stays as it is: the next run looks for its task.
local function on_ambiguous(run, job, err)
  run:notify(job, { last_error = err })
  if error_codes.is_account(err) then
    run:halt(err)
    error(err, 0)
  elseif err.status == 429 then
    run:hold(training_steps.backoff(err, 0))
  end
  submit.settle(run, job)
end

-- A model that is paid for must find space on the disk.
local function need_space(run, job)
  local fits, err = model_steps.check_space(run, job)
  if not fits then
    run:not_submitted()
    run:halt(err)
    error(err, 0)
  end
end

--- Submits a job whose photos are uploaded. Afterwards it is submitted, needs review or failed. It
--- is still ready if the ids of its photos have become too old while it waited, or if the list of
--- trainings must be read again.
---@param ids string[] of its photos
---@param may_use fun(): boolean whether they may be used now
---@param body? table if another machine has uploaded them
function submit.submit(run, job, training, ids, may_use, body)
  local tries, outage_since = 0, nil
  body = body or training:body(ids)
  local function kind()
    return price_kind.training(training, #ids)
  end
  while job.stage == "ready" do
    local payment <close> = budget.admit(run, job, kind)
    run:wait_to_submit()
    if not may_use() then
      return run:not_submitted()
    end
    need_space(run, job)
    local result, err = send(run, job, training, body, payment)
    if result == "created" then
      payment:see()
    elseif result == "ambiguous" then
      on_ambiguous(run, job, err)
      payment:see()
    elseif result == "pace" then
      run:wait_for_others(err.retry_after)
    elseif result == "other_server" then
      return run:wait_for_server()
    elseif result == "account" then
      run:halt(err)
      error(err, 0)
    elseif result == "refused" then
      return run:finish(job, "failed", err)
    elseif result == "later" then
      outage_since = outage_since or run.backend:now()
      if run.backend:now() - outage_since >= run.options.outage_timeout then
        return run:finish(job, "failed", err)
      end
      submit.back_off(run, job, err, tries)
      tries = tries + 1
    end
  end
end

-- }======

return submit
