--- The life of one job, from whatever state it is found in to its end.

local error_codes = require "novita.http.error_codes"
local upload_photos = require "novita.batch.upload_photos"
local plan = require "novita.batch.plan"
local states = require "novita.batch.states"
local submit = require "novita.batch.submit"

local life = {}

local function create(run, job)
  local training = plan.training(job.params, job.task_name)
  if not job.started_at then
    run.journal:set(job, { started_at = run.world:server_now() })
  end
  local ids = upload_photos(run, job, training)
  submit.submit(run, job, training, ids)
end

-- {====== watching ======

local function time_left(run, job)
  local most = run.options.job_timeout
  return most and math.max(0, (job.submitted_at or 0) + most - run.world:server_now())
end

local function follow(run, job)
  return run.world:wait(job.task_id, job.kind, time_left(run, job), function(status)
    if status.stage == "training" and job.state == "submitted" then
      run:set(job, { state = "running" })
    end
    run:tell(job, status)
  end)
end

local function watch(run, job)
  local model, err = follow(run, job)
  if model then
    return run:finish(job, "serving", nil, { model_name = model })
  elseif err.kind == "canceled" or err.kind == "memory" then
    error(err, 0) -- the training itself goes on
  elseif error_codes.is_account(err) then
    run:halt(err)
    error(err, 0)
  end
  run:finish(job, err.code == "CANCELED" and "canceled" or "failed", err)
end

-- }======

-- Pictures cost money and cannot be looked for by a name: an interrupted order is not repeated.
local function draw(run, job)
  if job.samples_state then
    return
  end
  run.journal:set(job, { samples_state = "submitting" })
  local paths, err = run.world:draw(run.options.samples, job.name, job.model_name)
  if paths then
    run.journal:set(job, { samples_state = "done", samples = paths })
  else
    run.journal:set(job, { samples_state = "failed" })
    job.trouble = err.message
  end
  run:tell(job)
end

--- Works on a job until it has ended.
function life.live(run, job)
  if job.state == "submitting" then
    submit.settle(run, job)
  end
  if states.is_unpaid(job.state) then
    create(run, job)
  end
  if job.state == "submitted" or job.state == "running" then
    watch(run, job)
  end
  if job.state == "serving" and run.options.samples then
    draw(run, job)
  end
end

return life
