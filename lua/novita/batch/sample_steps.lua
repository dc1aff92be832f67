--- Orders the sample images of a model that serves, once, and saves them.
--
-- As for a training, the intent is on the disk before the paid request and the task's id after it.
-- So a later run fetches what an earlier one has paid for, while the service has it. But image
-- tasks have no names and no list shows them: if the response is lost, only a person can
-- decide to pay again (`retry`).

local budget = require "novita.batch.payment.budget"
local ends_run = require "novita.batch.ends_run"
local error_codes = require "novita.http.error_codes"
local errors = require "novita.base.error"
local job_end = require "novita.batch.job_end"
local price_kind = require "novita.batch.payment.price_kind"
local submit = require "novita.batch.submit"
local training_steps = require "novita.client.training_steps"

local sample_steps = {}

local function fail(run, job, err)
  run:set(job, { samples_state = "failed", samples_error = job_end.plain(err) })
end

-- Ends the run because of an error that is not the job's.
local function leave(run, err)
  if error_codes.is_account(err) then
    run:halt(err)
  end
  error(err, 0)
end

-- {====== saving ======

-- Whether the images can no longer be fetched: the service has failed the task or forgotten it, or
-- their links have expired.
local function is_gone(err, is_made)
  if is_made then
    return err.status == 410 or err.status == 404 or err.code == "AccessDenied"
  end
  return error_codes.ends_task(err) or err.code == "TASK_NOT_FOUND"
end

local function fetch(run, job)
  local given = run.options.samples or job.samples_params
  local paths, err, is_made = run.backend:fetch_samples(job.samples_task_id, given.folder, job.name)
  if paths then
    if job.model_path then
      run.backend:save_cover(job.model_path, paths)
    end
    run:set(job, { samples_state = "done", samples = paths, samples_error = false })
  elseif ends_run(err) then
    leave(run, err)
  elseif is_gone(err, is_made) then
    fail(run, job, err)
  else
    run:set(job, { samples_error = job_end.plain(err) }) -- the next run tries again
  end
end

-- }======

-- {====== ordering ======

local function unclear(err)
  return errors.reword(err, err.message .. "; the images may have been generated and billed: "
    .. "--retry samples orders them again")
end

local function write_intent(run, job, params, payment)
  payment:intend(function(reserved)
    run:set(job, { samples_state = "submitting", samples_params = params, samples_error = false,
      samples_task_id = false }, { payment = reserved })
  end)
end

local function send(run, job, params, payment)
  local _ <close> = run:critical(job)
  local task_id, err = submit.guarded(run, job, function()
    write_intent(run, job, params, payment)
  end, function(send_by)
    return run.backend:order_samples(params, job.name, job.model_name, send_by)
  end)
  if task_id then
    run:set(job, { samples_state = "generating", samples_task_id = task_id },
      { settle = payment:settled(true) })
    return "created"
  elseif submit.is_unwritten(err) then
    return "turn", err
  end
  local result = submit.action_for(err)
  if result ~= "ambiguous" then -- nothing was made
    run:set(job, { samples_state = "planned" }, { settle = payment:settled(false) })
  elseif err.kind ~= "canceled" then
    run:set(job, { samples_error = job_end.plain(unclear(err)) })
  end
  return result, err
end

local function try_to_pay(run, job, params)
  local payment <close> = budget.admit(run, job, function()
    return price_kind.images(params)
  end)
  local result, err = send(run, job, params, payment)
  if result == "created" or result == "ambiguous" and not ends_run(err) then
    payment:see()
  end
  return result, err
end

local function pay(run, job, params)
  local result, err
  repeat
    result, err = try_to_pay(run, job, params)
  until result ~= "turn"
  return result, err
end

-- Each try is another payment: meanwhile others continue, and the balance moves.
local function pay_until_clear(run, job, params)
  local tries, began = 0, run.backend:now()
  local result, err = pay(run, job, params)
  while result == "later" and run.backend:now() - began < run.options.outage_timeout do
    run:notify(job, { last_error = err })
    run.backend:sleep(training_steps.backoff(err, tries))
    tries = tries + 1
    result, err = pay(run, job, params)
  end
  return result, err
end

local function order(run, job)
  local params = {}
  for name, value in pairs(run.options.samples or job.samples_params) do
    params[name] = value
  end
  local fits, why = run.backend:try_samples(params.folder, job.name)
  if not fits then
    run:set(job, { samples_params = params })
    return fail(run, job, why)
  end
  local result, err = pay_until_clear(run, job, params)
  if result == "created" then
    fetch(run, job)
  elseif ends_run(err) then
    leave(run, err)
  elseif result ~= "ambiguous" then
    fail(run, job, err)
  end
end

-- They were to be ordered, and a person does not want them any more.
local function take_back(run, job)
  run:set(job, { samples_state = false, samples_params = false, samples_error = false })
end

-- This journal has not paid for the training, so it was found in the list: an earlier journal, or a
-- later state of this one, may have ordered its images.
local function may_be_ordered(job)
  return job.posts == 0
end

local function leave_to_person(run, job)
  run:set(job, { samples_state = "submitting", samples_params = run.options.samples,
    samples_error = { kind = "journal", code = "needs_review", message = "its training was found "
      .. "in the list of trainings, so another journal may have ordered its images: --retry "
      .. "samples orders them" } })
end

-- }======

--- Orders the sample images of a job, if they are asked for and not paid for, and saves them.
---@param run novita.batch.Runner
---@param job novita.batch.Row that serves
function sample_steps.run(run, job)
  local state = job.samples_state
  if state == "generating" then
    fetch(run, job)
  elseif state == "planned" then
    (run.options.no_samples and take_back or order)(run, job)
  elseif not state and run.options.samples then
    (may_be_ordered(job) and leave_to_person or order)(run, job)
  end
end

return sample_steps
