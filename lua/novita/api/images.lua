--- Image generation, as plain requests. `client:txt2img` also waits for the images.

local endpoint = require "novita.api.endpoint"
local request = require "novita.http.request"
local read_result = require "novita.api.task_result"

---@class novita.Images
local Images = {}
Images.__index = Images

--- Creates a txt2img task from a complete body. It costs money and is sent once.
-- API page: "Text to Image".
---@param body { extra?: table, request: table }
---@param definition? table the order of the body's fields
---@return string? task_id
---@return novita.Error? err `err.ambiguous`: the task may exist although the response was lost
function Images:txt2img(body, definition)
  return request.create(self.client, endpoint("txt2img", {
    body = body,
    definition = definition,
    timeout = self.client.paid_seconds,
  }))
end

--- Creates an img2img task from a complete body. It costs money and is sent once.
-- API page: "Image to Image".
---@param body { extra?: table, request: table }
---@param definition? table the order of the body's fields
---@return string? task_id
---@return novita.Error? err `err.ambiguous`: the task may exist although the response was lost
function Images:img2img(body, definition)
  return request.create(self.client, endpoint("img2img", {
    body = body,
    definition = definition,
    timeout = self.client.paid_seconds,
  }))
end

--- Gets the state and the result of an image task.
-- API page: "Get Task Result".
---@param task_id string
---@return novita.TaskResult?
---@return novita.Error? err
function Images:get(task_id)
  request.check_id(task_id)
  local value, err = request.json(self.client, endpoint("task_result", {
    query = { "task_id", task_id },
  }))
  if not value then
    return nil, err
  end
  return read_result(value)
end

return function(client)
  return setmetatable({ client = client }, Images)
end
