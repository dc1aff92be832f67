--- Texts about missing sample images, and the states in which a person can decide about them. All
--- states are in novita.batch.journal.samples.

local counted = require "novita.base.counted"
local states = require "novita.batch.journal.samples"

local samples = {
  --- The states in which a person decides whether to pay again.
  retryable = { submitting = true, failed = true },
  --- The states in which a person may give the images up.
  abandonable = states.missing,
  is_missing = states.is_missing,
  count_missing = states.count_missing,
}

local reasons = {
  planned = "not ordered yet: the next run orders them",
  submitting = "the response to their paid request was lost, so they may have been billed: "
    .. "--retry samples orders them again",
  generating = "not saved yet: the next run fetches them",
}

--- Why the images of a job are missing.
---@param job novita.batch.Row|novita.Job
---@return string
function samples.reason(job)
  local err = job.samples_error
  return err and err.message or reasons[job.samples_state] or "failed"
end

--- "sample images of 2 jobs are missing"
---@param count integer
---@return string
function samples.text(count)
  return ("sample images of %s are missing"):format(counted(count, "job"))
end

return samples
