--- Webhooks: at the end of an image task, an event is posted to the URL in the request. It is
--- retried up to five times if the receiver takes too long or does not respond with 2xx. A thread
--- in C (csrc/emulator/webhook_sender.c) sends the events that this module hands out. Events are
--- only sent to this machine.

local json = require "novita.emulator.json"

local ATTEMPTS_MOST = 6 -- one, and five retries

local webhooks = {}

function webhooks.new()
  return { list = {} }
end

-- Host, port and path of a URL on this machine; nil for any other URL.
local function address(url)
  local host, digits, path = url:match("^http://([%w.]+):?(%d*)([^%c ]*)$")
  local port = digits == "" and 80 or tonumber(digits)
  local known = host == "127.0.0.1" or host == "localhost"
  if not known or port < 1 or port > 65535 then return nil end
  if path:find("^[^/?]") then return nil end -- for example a user name and another host
  return host, port, path:find("^/") and path or "/" .. path
end

--- Plans a delivery.
---@param task table
---@param due number time on the emulator's clock
---@param payload fun(state, task): table payload, made when the event is sent
function webhooks.add(state, task, due, payload)
  local list = state.webhooks.list
  local url = task.extra.webhook.url
  local host, port, path = address(url)
  list[#list + 1] = {
    url = url, task = task, due = due, payload = payload, attempts = 0, statuses = {},
    port = port, host = host, path = path,
    result = not host and "not sent: not on this machine" or nil,
  }
end

local function event(state, delivery)
  return json.encode(json.object("event_type", "ASYNC_TASK_RESULT",
    "payload", delivery.payload(state, delivery.task)))
end

local function http_request(state, delivery)
  local body = delivery.body or event(state, delivery)
  delivery.body = body
  return table.concat({
    ("POST %s HTTP/1.1"):format(delivery.path),
    ("Host: %s:%d"):format(delivery.host, delivery.port),
    "Content-Type: application/json",
    "User-Agent: novita-emulator",
    "Connection: close",
    ("Content-Length: %d"):format(#body),
    "", body,
  }, "\r\n")
end

local function settle(state, delivery, status)
  delivery.statuses[delivery.attempts] = status
  if status >= 200 and status < 300 then
    delivery.result = "delivered"
  elseif delivery.attempts >= ATTEMPTS_MOST then
    delivery.result = "given up"
  else
    delivery.due = state.clock:now() + state.options.webhook_pause
  end
end

local FINAL = { TASK_STATUS_SUCCEED = true, TASK_STATUS_FAILED = true }

-- If a script set a final status, the event is due at once; with any other status that a script
-- set, the task has not ended.
local function is_due(state, delivery)
  if delivery.result then return false end
  local forced_status = delivery.task.forced_status
  if forced_status and delivery.attempts == 0 then return FINAL[forced_status] or false end
  return delivery.due <= state.clock:now()
end

--- Called by the webhook sender: takes the result of the last delivery, returns the next one.
---@param report string "<number> <status>", or ""
---@return string delivery "<number> <port> <timeout>\n<request>", or ""
function webhooks.next_delivery(state, report)
  local list = state.webhooks.list
  local number, status = report:match("^(%d+) (%d+)$")
  if number then settle(state, list[tonumber(number)], tonumber(status)) end
  for i, delivery in ipairs(list) do
    if is_due(state, delivery) then
      delivery.attempts = delivery.attempts + 1
      return ("%d %d %.3f\n%s"):format(i, delivery.port, state.options.webhook_timeout,
        http_request(state, delivery))
    end
  end
  return ""
end

--- For the ledger: url, task, attempts, statuses (0 = no response in time), result.
---@return table[]
function webhooks.entries(state)
  local entries = {}
  for i, delivery in ipairs(state.webhooks.list) do
    entries[i] = {
      url = delivery.url, task_id = delivery.task.id, attempts = delivery.attempts,
      statuses = delivery.statuses, result = delivery.result or "waiting", body = delivery.body,
    }
  end
  return entries
end

return webhooks
