--- Webhooks: what the service posts to `extra.webhook.url` at the end of an image task, read into
--- the same result as `task:wait()` returns. API page: "Webhook".
--
-- The page documents no signature: anyone who knows the URL can post to it. Make the URL hard to
-- guess, and if it matters poll the service with client:attach.

local response = require "novita.http.response"
local errors = require "novita.base.error"
local json = require "novita.json"
local result = require "novita.client.result"
local coerce = require "novita.json.coerce"

local BYTES_MOST <const> = 4 * 1024 * 1024 -- an event with 8 images has a few kB

---@class novita.webhook
local webhook = {}

local function failure(code, text)
  return nil, errors.new { kind = "protocol", code = code, message = "webhook: " .. text }
end

local stages = { TASK_STATUS_SUCCEED = "serving", TASK_STATUS_FAILED = "failed" }

local function read_event(event, client)
  if event.event_type ~= "ASYNC_TASK_RESULT" then
    return failure("other_event", "unknown event type; reply 200 and ignore it")
  end
  local payload = coerce.object(event.payload)
  local inner = coerce.object(payload.task)
  local task_id, stage = coerce.id(inner.task_id), stages[inner.status]
  if not task_id then
    return failure("malformed", "the event has no task id")
  elseif not stage then
    return failure("not_final", "the event is not about the end of a task")
  end
  local task = { task_type = "image", task_id = response.one_line(task_id), client = client }
  local ok, shots, err = pcall(result.of_value, task, payload, stage)
  if not ok and errors.is_memory(shots) then
    error(shots, 0)
  elseif not ok then -- raises if the images are not as documented
    return failure("malformed", "the event of a finished task has no images")
  end
  return shots, err
end

--- Reads the body of a webhook's request.
---@param body string
---@param client? novita.Client downloads the images; without it only their links can
--- be read
---@return novita.Shot[]? shots with `task_id` and `seed`, as task:wait() returns them
---@return novita.Error? err kind "api" and code "FAILED" if the task has failed; kind "protocol" if
--- the body is not such an event: code "malformed", "not_final", "too_big", or "other_event" for an
--- unknown type of event
function webhook.parse(body, client)
  if type(body) ~= "string" then
    error(("webhook.parse takes the body of the request, not a %s"):format(type(body)), 2)
  elseif #body > BYTES_MOST then
    return failure("too_big", "the body is larger than any event")
  end
  local event = json.decode(body)
  if type(event) ~= "table" then
    return failure("malformed", "the body is not JSON")
  end
  return read_event(event, client)
end

return webhook
