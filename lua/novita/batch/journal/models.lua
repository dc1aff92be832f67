--- The states of the file of a job's model: none until it is kept, "done", "failed" if what the
--- service has is no sound model, "abandoned" if a person gave it up.
--
-- A journal whose run was given a folder for models (`models_folder`) has it from then on: each
-- model that serves and has no state is fetched by that run or a later one.

local models = {}

local settled = { done = true, abandoned = true }

--- Whether the model of a job serves, is to be kept, and is not.
---@param job novita.batch.Row
---@param folder? string of the journal
---@return boolean
function models.is_missing(job, folder)
  return folder ~= nil and job.stage == "serving" and not settled[job.model_state]
end

--- How many models are to be kept and are not.
---@param stages table<string, integer> jobs by stage
---@param states table<string, integer> jobs by model_state
---@param folder? string of the journal
---@return integer
function models.count_missing(stages, states, folder)
  local open = (stages.serving or 0) - (states.done or 0) - (states.abandoned or 0)
  return folder and math.max(open, 0) or 0
end

return models
