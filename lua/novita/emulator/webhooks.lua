--- Webhooks: at the end of an image task an event is posted to the order's URL, and again up to
--- five times where the receiver takes too long or does not answer 2xx. Sending is the business of
--- a thread in C (csrc/emulator/webhook_sender.c), which asks here what is due. Only to this machine.

local json = require "novita.emulator.json"

local ATTEMPTS_MOST = 6 -- one, and five retries

local webhooks = {}

function webhooks.new()
  return { list = {} }
end

-- Where a URL leads on this machine: host, port, path; nil where it leads elsewhere, or nowhere.
local function address(url)
  local host, digits, path = url:match("^http://([%w.]+):?(%d*)([^%c ]*)$")
  local port = digits == "" and 80 or tonumber(digits)
  local known = host == "127.0.0.1" or host == "localhost"
  if not known or port < 1 or port > 65535 then return nil end
  if path:find("^[^/?]") then return nil end -- a name of a user, say, and another host
  return host, port, path:find("^/") and path or "/" .. path
end

--- Plans a delivery.
---@param task table
---@param due number when, on the emulator's clock
---@param payload fun(world, task): table what the event carries, made when it is sent
function webhooks.add(world, task, due, payload)
  local list = world.webhooks.list
  local url = task.extra.webhook.url
  local host, port, path = address(url)
  list[#list + 1] = {
    url = url, task = task, due = due, payload = payload, attempts = 0, statuses = {},
    port = port, host = host, path = path,
    outcome = not host and "not sent: only to this machine" or nil,
  }
end

local function event(world, delivery)
  return json.encode(json.object("event_type", "ASYNC_TASK_RESULT",
    "payload", delivery.payload(world, delivery.task)))
end

local function http_request(world, delivery)
  local body = delivery.body or event(world, delivery)
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

local function settle(world, delivery, status)
  delivery.statuses[delivery.attempts] = status
  if status >= 200 and status < 300 then
    delivery.outcome = "delivered"
  elseif delivery.attempts >= ATTEMPTS_MOST then
    delivery.outcome = "given up"
  else
    delivery.due = world.clock:now() + world.options.webhook_pause
  end
end

local FINAL = { TASK_STATUS_SUCCEED = true, TASK_STATUS_FAILED = true }

-- When a task was put into a final status by hand, its event is due at once; in any other, it has
-- not ended.
local function is_due(world, delivery)
  if delivery.outcome then return false end
  local decreed = delivery.task.decreed
  if decreed and delivery.attempts == 0 then return FINAL[decreed] or false end
  return delivery.due <= world.clock:now()
end

--- Called by the courier: how the last delivery went, what is next.
---@param report string "<number> <status>", or ""
---@return string order "<number> <port> <patience>\n<request>", or ""
function webhooks.courier(world, report)
  local list = world.webhooks.list
  local number, status = report:match("^(%d+) (%d+)$")
  if number then settle(world, list[tonumber(number)], tonumber(status)) end
  for i, delivery in ipairs(list) do
    if is_due(world, delivery) then
      delivery.attempts = delivery.attempts + 1
      return ("%d %d %.3f\n%s"):format(i, delivery.port, world.options.webhook_timeout,
        http_request(world, delivery))
    end
  end
  return ""
end

--- For the ledger: url, task, attempts, statuses (0 = no answer in time), outcome.
---@return table[]
function webhooks.entries(world)
  local entries = {}
  for i, delivery in ipairs(world.webhooks.list) do
    entries[i] = {
      url = delivery.url, task_id = delivery.task.id, attempts = delivery.attempts,
      statuses = delivery.statuses, outcome = delivery.outcome or "waiting", body = delivery.body,
    }
  end
  return entries
end

return webhooks
