--- How a finished task is told to the script: from the last status answer to the
-- model that serves, the pictures that were drawn, or the error.

local answer = require "novita.api.answer"
local errors = require "novita.error"
local Shot = require "novita.shot"

local outcome = {}

-- {====== trainings ======

---@class novita.Model
---@field model_name string for `loras`, as the service wrote it
---@field task_id string of the training
---@field kind "subject"|"style"
local Model = { __name = "novita.Model" }
Model.__index = Model

function Model:__tostring()
  return self.model_name
end

local function serving_model(models)
  for _, model in ipairs(models or {}) do
    if model.model_status == "SERVING" then
      return model.model_name
    end
  end
end

local function trained(task, value)
  return setmetatable({
    model_name = assert(serving_model(value.models)),
    task_id = task.task_id,
    kind = task.kind,
  }, Model)
end

-- }======

-- {====== pictures ======

local function drawn(task, value)
  local shots = { task_id = task.task_id, seed = value.extra and value.extra.seed }
  for i, image in ipairs(value.images or {}) do
    shots[i] = Shot.new(task.client, image)
  end
  return shots
end

-- }======

local function failed(task, stage, reason)
  local what = task.kind == "image" and "image task" or "training"
  local text = ("%s %s %s"):format(what, task.task_id, stage)
  if reason and reason ~= "" then
    text = text .. ": " .. reason
  else
    text = text .. "; the service gives no reason"
  end
  return errors.new {
    kind = "api",
    code = stage:upper(),
    message = (text:gsub("%c", " ")),
    task_id = task.task_id,
  }
end

--- What the end of a task came to.
---@param task novita.Task
-- Raises where the answer has not the agreed shape.
---@param body string the last answer
---@param stage "serving"|"failed"|"canceled"
---@return any value a novita.Model or a list of novita.Shot
---@return novita.Error? err
function outcome.read(task, body, stage)
  local value, err = answer.read("task " .. task.task_id, { status = 200, body = body })
  if not value then
    return nil, err
  end
  if stage ~= "serving" then
    local inner = type(value.task) == "table" and value.task or {}
    return nil, failed(task, stage, type(inner.reason) == "string" and inner.reason or nil)
  end
  return (task.kind == "image" and drawn or trained)(task, value)
end

return outcome
