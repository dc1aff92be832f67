--- The result of a finished task, read from the last response: the serving model, the generated
-- images, or the error.

local ascii = require "novita.base.ascii"
local response = require "novita.http.response"
local errors = require "novita.base.error"
local Model = require "novita.api.model"
local coerce = require "novita.json.coerce"
local format = require "novita.schema.format"
local GeneratedImage = require "novita.client.generated_image"

local result = {}

local function missing(task, what)
  return errors.new {
    kind = "protocol",
    code = "malformed",
    message = ("task %s: the response reports success but has no %s"):format(task.task_id, what),
    task_id = task.task_id,
  }
end

-- {====== trainings ======

local function trained(task, model_name)
  if model_name == "" then
    return nil, missing(task, "serving model")
  end
  return Model.trained(task.client, {
    model_name = model_name,
    task_id = task.task_id,
    task_type = task.task_type,
  })
end

-- }======

-- {====== images ======

local function generated(task, value)
  local images = { task_id = task.task_id, seed = coerce.id(coerce.object(value.extra).seed) }
  for i, image in ipairs(coerce.list(value.images)) do
    images[i] = GeneratedImage.new(task.client, image)
  end
  if not images[1] then
    return nil, missing(task, "images")
  end
  return images
end

-- }======

local function failed(task, stage, reason)
  local what = task.task_type == "image" and "image task" or "training"
  if task.name then
    what = what .. " " .. format.text(task.name)
  end
  local text = ("%s %s %s"):format(what, task.task_id, stage)
  if reason and reason ~= "" then
    text = text .. ": " .. response.quote(reason)
  else
    text = text .. "; the service gives no reason"
  end
  return errors.new {
    kind = "api",
    code = ascii.upper(stage),
    message = response.one_line(text),
    task_id = task.task_id,
  }
end

--- Reads the result of an image task from a decoded response.
---@param task { task_id: string, task_type: "image", client?: novita.Client }
---@param value table
---@param stage "serving"|"failed"|"canceled"
---@return novita.GeneratedImage[]?
---@return novita.Error? err
function result.of_value(task, value, stage)
  if stage ~= "serving" then
    return nil, failed(task, stage, coerce.text(coerce.object(value.task).reason))
  end
  return generated(task, value)
end

--- Reads the result of any task from the end of its watch.
---@param task novita.Task
---@param last string the model's name for a training that serves, else the last response's body
---@param stage "serving"|"failed"|"canceled"
---@return any value a novita.Model or a list of novita.GeneratedImage
---@return novita.Error? err
function result.read(task, last, stage)
  if stage == "serving" and task.task_type ~= "image" then
    return trained(task, last)
  end
  local value, err = response.read("task " .. task.task_id, { status = 200, body = last })
  if not value then
    return nil, err
  end
  return result.of_value(task, value, stage)
end

return result
