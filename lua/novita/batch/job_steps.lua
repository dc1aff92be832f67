--- The steps of one job, from the stage in which it is found to its end.

local budget = require "novita.batch.payment.budget"
local error_codes = require "novita.http.error_codes"
local families = require "novita.forms.families"
local job_end = require "novita.batch.job_end"
local model_steps = require "novita.batch.model_steps"
local recorded_uploads = require "novita.batch.recorded_uploads"
local paid_elsewhere = require "novita.batch.paid_elsewhere"
local plan = require "novita.batch.plan"
local retry_jobs = require "novita.batch.retry_jobs"
local sample_steps = require "novita.batch.sample_steps"
local stages = require "novita.batch.stages"
local submit = require "novita.batch.submit"

local job_steps = {}

local upload_photos, uploaded_photos = recorded_uploads.upload, recorded_uploads.of_other_machine

-- Images of a model from another family of checkpoints show nothing of it, and cost as much.
local function warn_of_samples(run, job)
  local samples, base = run.options.samples, job.params.base_model
  local why = samples and base and families.mismatch(base, samples.model_name)
  if why and not run.warned[why] then
    run.warned[why] = true
    run:report("sample images: " .. why)
  end
end

-- Takes over the task of an unpaid job, if the service has one: the journal may be an older copy.
local function take_over(run, job)
  if run.options.no_list then
    job.server = run.journal.is_shared and run.journal:server()
    return
  end
  local ready, err = run.task_list:ready()
  if ready then
    ready, err = paid_elsewhere.check(run)
  end
  if not ready then
    run:halt(err)
    error(err, 0)
  end
  job.server = run.task_list.server
  local task = run.task_list:known(job)
  if task then
    submit.adopt(run, job, task)
  end
end

local function create(run, job, training)
  warn_of_samples(run, job)
  training = training or plan.training(job.params, job.task_name)
  budget.check_left(run)
  repeat
    if run.journal:has_photos(job) then
      submit.submit(run, job, training, upload_photos(run, job, training))
    else
      submit.submit(run, job, training, uploaded_photos(run, job))
    end
    if job.stage == "ready" then -- the list of trainings must perhaps be read again
      take_over(run, job)
    end
  until job.stage ~= "ready"
end

-- {====== watching ======

local function time_left(run, job)
  local most = run.options.job_timeout
  return most and math.max(0, (job.submitted_at or 0) + most - run.backend:server_now())
end

local reported = { queuing = true, training = true, deploying = true }

local PROGRESS_EVERY <const> = 60 -- seconds: writing costs time

-- Notes that a training continues, although its stage stays.
local function note_progress(run, job, percent)
  local before, now = job.progress_percent, run.backend:server_now()
  if percent and percent > (before or 0) and now - (job.progress_at or now) >= PROGRESS_EVERY then
    run.journal:set(job, { progress_at = now }, { soon = true })
  elseif not job.progress_at then
    job.progress_at = now
  end
end

-- Records each stage that the service reports: other processes can read how far a job is.
local function follow(run, job)
  return run.backend:wait(job.task_id, job.task_type, time_left(run, job), function(status)
    if status.stage ~= job.stage and reported[status.stage] then
      run:set(job, { stage = status.stage, misses = 0 }, { soon = true })
    end
    note_progress(run, job, status.progress_percent)
    if stages.is_final(status.stage) then
      run.keep_words(job, status) -- reported with the job's end, which follows
    else
      run:notify(job, status)
    end
  end)
end

-- Whether a person has decided to pay again for a training that the service does not know.
local function is_given_up(run, job, err)
  return err ~= nil and err.code == "TASK_NOT_FOUND" and job.misses > 0
    and run.options.if_not_listed == "resubmit_anyway"
end

local function watch(run, job)
  local model, err = follow(run, job)
  if is_given_up(run, job, err) then
    return run:set(job, retry_jobs.anew(job, run.journal.id))
  elseif job_end.record(run, job, model, err) then
    return
  elseif error_codes.refuses_all(err) then
    run:halt(err)
  end
  error(err, 0) -- the training itself continues
end

-- }======

--- Finds out about a job whose paid request may be lost. Afterwards it is submitted, ready or needs
--- review.
function job_steps.find_lost(run, job)
  if job.stage == "submitting" then
    submit.settle(run, job, true)
  end
end

--- Works on a job until its training is submitted. Afterwards it is submitted or has ended.
---@param training? novita.TrainingPlan if its photos may be elsewhere now than the journal says
function job_steps.submit(run, job, training)
  job_steps.find_lost(run, job)
  if stages.is_unpaid(job.stage) then
    take_over(run, job)
  end
  if stages.is_unpaid(job.stage) then
    create(run, job, training)
  end
end

--- Works on a job until it has ended.
function job_steps.run(run, job)
  repeat
    job_steps.submit(run, job)
    if stages.is_at_service(job.stage) then
      watch(run, job)
    end
  until job.stage ~= "planned"
  if job.stage == "serving" then
    model_steps.run(run, job)
    sample_steps.run(run, job)
  end
end

return job_steps
