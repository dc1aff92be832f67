--- Reads the body of a webhook's request. API page: "Webhook".

local response = require "novita.http.response"
local errors = require "novita.base.error"
local json = require "novita.json"
local coerce = require "novita.json.coerce"
local stages = require("novita.fields.statuses").image

local BYTES_MOST <const> = 4 * 1024 * 1024 -- an event with 8 images has a few kB

local function failure(code, text)
  return nil, errors.new { kind = "protocol", code = code, message = "webhook: " .. text }
end

local ends = { serving = true, failed = true }

---@class novita.WebhookEvent
---@field task_id string
---@field stage "serving"|"failed"
---@field payload table as the response of the task's result

local function read_event(event)
  if event.event_type ~= "ASYNC_TASK_RESULT" then
    return failure("other_event", "unknown event type; reply 200 and ignore it")
  end
  local payload = coerce.object(event.payload)
  local task = coerce.object(payload.task)
  local task_id, stage = coerce.id(task.task_id), stages[task.status]
  if not task_id then
    return failure("malformed", "the event has no task id")
  elseif not ends[stage] then
    return failure("not_final", "the event is not about the end of a task")
  end
  return { task_id = response.one_line(task_id), stage = stage, payload = payload }
end

---@param body string
---@return novita.WebhookEvent?
---@return novita.Error? err the body is not such an event
return function(body)
  if #body > BYTES_MOST then
    return failure("too_big", "the body is larger than any event")
  end
  local event = json.decode(body)
  if type(event) ~= "table" then
    return failure("malformed", "the body is not JSON")
  end
  return read_event(event)
end
