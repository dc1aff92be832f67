--- How a finished task is told to the script: from what its watch brought to the
-- model that serves, the pictures that were drawn, or the error.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local coerce = require "novita.json.coerce"
local Shot = require "novita.client.generated_image"

local outcome = {}

local function lacking(task, what)
  return errors.new {
    kind = "protocol",
    code = "malformed",
    message = ("task %s: the answer tells of success and has no %s"):format(task.task_id, what),
    task_id = task.task_id,
  }
end

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

local function trained(task, model_name)
  if model_name == "" then
    return nil, lacking(task, "model that serves")
  end
  return setmetatable({
    model_name = model_name,
    task_id = task.task_id,
    kind = task.kind,
  }, Model)
end

-- }======

-- {====== pictures ======

local function drawn(task, value)
  local shots = { task_id = task.task_id, seed = coerce.id(coerce.object(value.extra).seed) }
  for i, image in ipairs(coerce.list(value.images)) do
    shots[i] = Shot.new(task.client, image)
  end
  if not shots[1] then
    return nil, lacking(task, "pictures")
  end
  return shots
end

-- }======

local function failed(task, stage, reason)
  local what = task.kind == "image" and "image task" or "training"
  local text = ("%s %s %s"):format(what, task.task_id, stage)
  if reason and reason ~= "" then
    text = text .. ": " .. response.quote(reason)
  else
    text = text .. "; the service gives no reason"
  end
  return errors.new {
    kind = "api",
    code = stage:upper(),
    message = response.one_line(text),
    task_id = task.task_id,
  }
end

--- What the end of an image task came to, from the decoded answer.
---@param task { task_id: string, kind: "image", client?: novita.Client }
---@param value table
---@param stage "serving"|"failed"|"canceled"
---@return novita.Shot[]?
---@return novita.Error? err
function outcome.told(task, value, stage)
  if stage ~= "serving" then
    return nil, failed(task, stage, coerce.text(coerce.object(value.task).reason))
  end
  return drawn(task, value)
end

--- What the end of any task came to, from what its watch brought.
---@param task novita.Task
---@param told string of a training that serves the model's name, else the last answer's body
---@param stage "serving"|"failed"|"canceled"
---@return any value a novita.Model or a list of novita.Shot
---@return novita.Error? err
function outcome.read(task, told, stage)
  if stage == "serving" and task.kind ~= "image" then
    return trained(task, told)
  end
  local value, err = response.read("task " .. task.task_id, { status = 200, body = told })
  if not value then
    return nil, err
  end
  return outcome.told(task, value, stage)
end

return outcome
