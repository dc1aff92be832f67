--- How a job ends, and what the journal keeps of it.

local ascii = require "novita.base.ascii"
local error_codes = require "novita.http.error_codes"
local errors = require "novita.base.error"

local job_end = {}

--- An error as the journal keeps it.
---@param err novita.Error?
---@return { kind: string, code: string, message: string, status?: integer }?
function job_end.plain(err)
  return err and { kind = err.kind, code = err.code, message = err.message, status = err.status }
end

--- The fields of a job that has ended.
---@param stage "serving"|"failed"|"canceled"|"needs_review"
---@param err? novita.Error
---@param at number unix seconds
---@param more? table<string, any>
---@return table<string, any>
function job_end.fields(stage, err, at, more)
  local all = { stage = stage, error = job_end.plain(err) or false, ended_at = at }
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  return all
end

-- A person decides about a training that was paid for, unless the service has said that it is over.
local function unclear(err)
  return errors.new {
    kind = err.kind,
    code = err.code,
    status = err.status,
    message = err.message .. "; it was paid for: look for it in the list of trainings before you "
      .. "pay again",
  }
end

-- The limit job_timeout is the user's own, and the error says that the training continues.
local DEADLINE <const> = "deadline"

--- Records the end of a training that was watched.
---@param run novita.batch.Runner|novita.batch.RecordedRun
---@param job novita.batch.Row
---@param model_name? string
---@param err? novita.Error
---@return boolean ended false: only the wait has ended, and the training continues
function job_end.record(run, job, model_name, err)
  if model_name then
    run:finish(job, "serving", nil, { model_name = model_name })
  elseif error_codes.ends_task(err) then
    run:finish(job, err.code == "CANCELED" and "canceled" or "failed", err)
  elseif err.kind == "canceled" or err.kind == "memory" or error_codes.refuses_all(err) then
    return false
  elseif err.code == DEADLINE then
    run:finish(job, "failed", err)
  else
    run:finish(job, "needs_review", unclear(err))
  end
  return true
end

--- Whether the service itself has said that the training of a job is over. After any other
--- error, the training may still run at the service, or even serve.
---@param job novita.batch.Row
---@return boolean
function job_end.is_over(job)
  return job.error ~= nil and error_codes.ends_task(job.error)
end

--- Whether only a person can decide about a training that was paid for: the wait for it has ended,
--- but the service has not said that it is over.
---@param job novita.batch.Row
---@return boolean
function job_end.is_unclear(job)
  local err = job.error
  return job.task_id ~= nil and err ~= nil and err.code ~= DEADLINE and not job_end.is_over(job)
end

--- Whether the photo ids of a job may be why it failed. The service's words do not always say so,
--- but uploading again is free.
---@param job novita.batch.Row
---@return boolean
function job_end.doubts_photos(job)
  local err = job.error
  if not err or err.kind ~= "api" then
    return false
  end
  return err.code == "FAILED" or err.status ~= nil and error_codes.class_of(err) == "refused"
end

--- The error of a job that has ended without a model.
---@param job novita.batch.Row
---@return novita.Error
function job_end.error(job)
  local facts = job.error or {}
  return errors.new {
    kind = facts.kind or "journal",
    code = facts.code or ascii.upper(job.stage),
    message = facts.message or ("%s was given up"):format(job.name),
    status = facts.status,
    task_id = job.task_id,
    ambiguous = job.stage == "needs_review" or nil,
  }
end

return job_end
