--- Texts about the files of models. The states are in novita.batch.journal.models.

local counted = require "novita.base.counted"

local texts = {
  --- A plan and an end say this if no folder was given.
  NOT_KEPT = "models: they stay at the service; --models FOLDER also saves their files",
}

--- Why the model of a job is not kept.
---@param job novita.batch.Row|novita.Job
---@return string
function texts.reason(job)
  local err = job.model_error
  return err and err.message or "not fetched yet: the next run fetches it"
end

--- "models of 2 jobs are missing"
---@param count integer
---@return string
function texts.text(count)
  return ("models of %s are missing"):format(counted(count, "job"))
end

return texts
