--- A job of a batch, as scripts see it: a copy of its row in the journal, and of what only the run
--- knows.

local errors = require "novita.base.error"
local Status = require "novita.client.status"

---@alias novita.JobStage "planned"|"preparing"|"uploading"|"ready"|"submitting"|"unknown"|"queuing"
---|"training"|"deploying"|"serving"|"failed"|"canceled"|"needs_review"|"abandoned"

---@alias novita.ModelState "done"|"failed"|"missing"|"abandoned"

---@alias novita.SamplesState "planned"|"submitting"|"generating"|"done"|"failed"|"abandoned"

--- A job of a batch. As a text it is one line.
---@class novita.Job
---@field id integer 1 for the first job of the journal
---@field name string
---@field task_type "subject"|"style"
---@field task_name string the service's
---@field stage novita.JobStage
---@field task_id? string
---@field model_name? string
---@field images? integer how many photos the training has
---@field images_uploaded? integer how many of them are uploaded, in this run
---@field task_status? string the service's word for the training, in this run
---@field model_status? string the service's word for its model, in this run
---@field progress_percent? integer 0 to 100, of the training
---@field eta? number remaining seconds, as the service estimates
---@field findings? string[] what `dataset:check` finds in its photos, once before it is paid for
---@field last_error? novita.Error the most recent one; the job continues
---@field error? novita.Error why the job has ended without a model
---@field samples? string[] paths of the sample images
---@field samples_state? novita.SamplesState how far they are, if they were asked for
---@field samples_error? novita.Error why they are missing
---@field model_path? string the file of the model, if it is kept
---@field model_sha256? string of that file, 64 hex digits
---@field model_state? novita.ModelState nil: it is not kept
---@field model_error? novita.Error why it is not kept, although it is to be
---@field submitted_at? number unix seconds
---@field ended_at? number unix seconds
local Job = { __name = "novita.Job" }

local fields = {
  "id", "name", "task_type", "task_name", "stage", "task_id", "model_name", "images",
  "images_uploaded", "task_status", "model_status", "progress_percent", "eta", "last_error",
  "samples", "samples_state", "submitted_at", "ended_at", "findings", "model_state",
}

local function error_of(facts, task_id)
  return facts and errors.new {
    kind = facts.kind, code = facts.code, message = facts.message, status = facts.status,
    task_id = task_id,
  }
end

--- Copies a row of the journal, with the status of its task if the row has it.
---@param row novita.batch.Row
---@return novita.Job
local function of(row)
  local job = {}
  for _, field in ipairs(fields) do
    job[field] = row[field]
  end
  if row.model_state == "done" then
    job.model_path, job.model_sha256 = row.model_path, row.model_sha256
  end
  job.error = error_of(row.error, row.task_id)
  job.samples_error = error_of(row.samples_error, row.samples_task_id)
  job.model_error = error_of(row.model_error, row.task_id)
  return setmetatable(job, Job)
end

function Job.__tostring(job)
  local detail = job.model_name or job.error and job.error.message
  local text = ("%s: %s"):format(job.name, Status.__tostring(job))
  return (detail and text .. "  " .. detail or text):gsub("%c", " ")
end

return of
