--- The run of one recorded training. It has the methods of novita.batch.runner that the steps of a
--- job call, and shows the job in a task of the client.

local job_end = require "novita.batch.job_end"

---@class novita.batch.RecordedRun
local Run = {}
Run.__index = Run

local stages = { planned = "preparing", ready = "uploading", unknown = "submitting" }

--- Shows the job in the task's status.
function Run:notify(job)
  local task = self.task
  task.photos, task.uploaded = job.images, job.images_uploaded
  task:set_stage(stages[job.stage] or job.stage)
end

--- Changes a job: first on the disk, then in memory.
function Run:set(job, fields, with)
  self.journal:set(job, fields, with)
  self:notify(job)
end

-- client:train has reported it.
function Run:report() end

--- Ends a job.
---@param stage "serving"|"failed"|"canceled"|"needs_review"
---@param err? novita.Error
---@param fields? table
function Run:finish(job, stage, err, fields)
  self.journal:set(job, job_end.fields(stage, err, self.backend:server_now(), fields))
end

--- Marks the paid request, for the error of a task that is canceled during it. Declare the result
--- <close>.
function Run:critical()
  local task = self.task
  task.submitting = true
  return setmetatable({}, {
    __close = function()
      task.submitting = nil
    end,
  })
end

-- An error of the account ends this training; the script decides about the others.
function Run:halt() end

-- Each training waits by itself.
function Run:hold() end

function Run:wait_to_submit() end

function Run:not_submitted() end

local recorded_run = {}

---@param task novita.Task
---@param recorder novita.batch.Recorder
---@param options novita.BatchRunOptions checked
---@return novita.batch.RecordedRun
function recorded_run.new(task, recorder, options)
  return setmetatable({
    task = task,
    journal = recorder.journal,
    backend = recorder.backend,
    task_list = recorder.task_list,
    options = options,
    quiet_at = recorder.quiet_at,
    photo_permits = task.client.photo_permits,
    job_permits = task.client.training_permits,
  }, Run)
end

return recorded_run
