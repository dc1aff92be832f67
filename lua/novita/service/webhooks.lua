--- Webhooks: at the end of an image task, an event is posted to the URL in the request. It is
--- retried up to five times if the receiver takes too long or does not respond with 2xx. A thread
--- in C (csrc/emulator/webhook_sender.c) sends the events that this module hands out. Events are
--- only sent to this machine.

local history = require "novita.service.history"
local json = require "novita.service.json"

local ATTEMPTS_MOST = 6 -- one, and five retries
local LONGEST = 1e6 -- seconds of a timeout

local webhooks = {}

function webhooks.new()
  return { list = {}, by_number = {}, count = 0 }
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
  local all = state.webhooks
  local url = task.extra.webhook.url
  local host, port, path = address(url)
  all.count = all.count + 1
  local delivery = {
    number = all.count, url = url, task = task, due = due, payload = payload,
    attempts = 0, statuses = {}, port = port, host = host, path = path,
    result = not host and "not sent: not on this machine" or nil,
  }
  all.list[#all.list + 1], all.by_number[delivery.number] = delivery, delivery
  history.trim(all, state.options.history_limit, function(old) return old.result end,
    function(old) all.by_number[old.number] = nil end)
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
---@return string delivery "<number> <port> <milliseconds>\n<request>", or ""
function webhooks.next_delivery(state, report)
  local number, status = report:match("^(%d+) (%d+)$")
  local last = number and state.webhooks.by_number[tonumber(number)]
  if last then settle(state, last, tonumber(status)) end
  for _, delivery in ipairs(state.webhooks.list) do
    if is_due(state, delivery) then
      delivery.attempts = delivery.attempts + 1
      return ("%d %d %d\n%s"):format(delivery.number, delivery.port,
        math.ceil(math.min(state.options.webhook_timeout, LONGEST) * 1000),
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
