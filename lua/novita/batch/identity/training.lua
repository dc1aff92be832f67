--- The training of a job's params.

local training_request = require "novita.forms.training_request"

local NO_LEVEL <const> = 10000 -- a level that the stack does not have: errors name no line

local ALSO <const> = { "prepare" }

--- Checks params and returns their training. Raises a message if they are wrong.
---@param params table
---@param task_name? string
---@return novita.TrainingPlan
return function(params, task_name)
  local copy = {}
  for field, value in pairs(params) do
    copy[field] = value
  end
  copy.name = task_name or params.name
  copy.crops = params.crops or {} -- crops.txt was read when the job was planned
  return training_request.plan(copy, NO_LEVEL, ALSO)
end
