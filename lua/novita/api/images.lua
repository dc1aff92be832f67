--- Image generation, as plain requests. `client:generate` also waits for the images.

local endpoint = require "novita.api.endpoint"
local methods = require "novita.base.methods"
local request = require "novita.http.request"
local read_result = require "novita.api.task_result"
local read_event = require "novita.api.webhook_event"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

local bodies = {
  txt2img = require("novita.forms.txt2img_request").definition,
  img2img = require("novita.forms.img2img_request").definition,
}

---@class novita.Images
local Images = { __name = "novita.Images" }
Images.__index = Images

--- Creates a txt2img task from a complete body. It costs money and is sent once. An unknown
-- field raises; the service checks everything else.
-- API page: "Text to Image".
---@param body novita.body.Txt2img
---@return string? task_id
---@return novita.Error? err `err.ambiguous`: the task may exist although the response was lost
function Images:txt2img(body)
  usage_error.raise_at_caller(1, schema.check_names, bodies.txt2img, body)
  return request.create(self.client, endpoint("txt2img", {
    body = body,
    definition = bodies.txt2img,
    timeout = self.client.paid_seconds,
  }))
end

--- The same for a body that is checked, if it leaves in time.
---@param body table
---@param send_by? number see novita.ApiRequest
---@param watchdog? boolean
---@return string? task_id
---@return novita.Error? err
---@package
function Images:txt2img_by(body, send_by, watchdog)
  return request.create(self.client, endpoint("txt2img", {
    body = body,
    definition = bodies.txt2img,
    timeout = self.client.paid_seconds,
    send_by = send_by,
    watchdog = watchdog,
  }))
end

--- Creates an img2img task from a complete body. It costs money and is sent once. An unknown
-- field raises; the service checks everything else.
-- API page: "Image to Image".
---@param body novita.body.Img2img
---@return string? task_id
---@return novita.Error? err `err.ambiguous`: the task may exist although the response was lost
function Images:img2img(body)
  usage_error.raise_at_caller(1, schema.check_names, bodies.img2img, body)
  return request.create(self.client, endpoint("img2img", {
    body = body,
    definition = bodies.img2img,
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

--- Reads the body of the request that the service sends to `webhook.url` at the end of a task.
-- API page: "Webhook". The page documents no signature: anyone who knows the URL can post to it.
-- Make the URL hard to guess, and if it matters poll the service with client:attach.
---@param body string
---@return novita.Task? task it has ended: its result is the images, or the error of a failed task
---@return novita.Error? err kind "protocol", if the body is not such an event: code "malformed",
--- "not_final", "too_big", or "other_event" for an unknown type of event
function Images:parse_webhook(body)
  if type(body) ~= "string" then
    error(usage_error.wrong_value("body", "the body of the request, a string", body), 2)
  end
  local event, err = read_event(body)
  if not event then
    return nil, err
  end
  return self.client:finished_task(event)
end

methods.need_colon(Images, "client.images", { "txt2img", "img2img", "get", "parse_webhook" })

return function(client)
  return setmetatable({ client = client }, Images)
end
