--- Webhooks: at the end of an image task, an event is posted to the URL in the request. It is
--- retried up to five times if the receiver takes too long or does not respond with 2xx. A thread
--- in C posts the events. Events are only sent to this machine.

local core = require "novita.service.core"
local history = require "novita.service.history"
local image_result = require "novita.service.image_result"
local json = require "novita.service.json"

local ATTEMPTS_MOST = 6 -- one, and five retries
local LONGEST = 1e6 -- seconds of a timeout

---@class novita.service.Webhooks
---@field package service novita.service.Service
---@field package list table[] the deliveries, oldest first
---@field package by_number table<integer, table>
---@field package open table[] those without a result, oldest first
---@field package count integer
---@field package sender? novita.service.Sender started with the first event
local methods = {}
local metatable = { __name = "novita.service.Webhooks", __index = methods }

-- Host, port and path of a URL on this machine; nil for any other URL.
local function address(url)
  local host, digits, path = url:match("^http://([%w.]+):?(%d*)([^%c ]*)$")
  local port = digits == "" and 80 or tonumber(digits)
  local known = host == "127.0.0.1" or host == "localhost"
  if not known or port < 1 or port > 65535 then return nil end
  if path:find("^[^/?]") then return nil end -- for example a user name and another host
  return host, port, path:find("^/") and path or "/" .. path
end

--- Plans a delivery, for the moment when the task ends.
---@param id string of the task
---@param task any the engine's
---@param url string
function methods:add(id, task, url)
  local host, port, path = address(url)
  self.count = self.count + 1
  local delivery = {
    number = self.count, url = url, id = id, task = task, attempts = 0, statuses = {}, due = 0,
    port = port, host = host, path = path,
    result = not host and "not sent: not on this machine" or nil,
  }
  self.list[#self.list + 1], self.by_number[delivery.number] = delivery, delivery
  if host then table.insert(self.open, delivery) end
  history.trim(self, self.service.options.history_limit, function(old) return old.result end,
    function(old) self.by_number[old.number] = nil end)
end

local function event(service, delivery)
  local state = service.engine:describe_image_task(delivery.task)
  return json.encode(json.object("event_type", "ASYNC_TASK_RESULT",
    "payload", image_result.event(service, state, delivery.url)))
end

local function http_request(service, delivery)
  local body = delivery.body or event(service, delivery)
  delivery.body = body
  return table.concat({
    ("POST %s HTTP/1.1"):format(delivery.path),
    ("Host: %s:%d"):format(delivery.host, delivery.port),
    "Content-Type: application/json",
    "User-Agent: " .. service.agent,
    "Connection: close",
    ("Content-Length: %d"):format(#body),
    "", body,
  }, "\r\n")
end

local function settle(service, delivery, status)
  delivery.sending = nil
  delivery.statuses[delivery.attempts] = status
  if status >= 200 and status < 300 then
    delivery.result = "delivered"
  elseif delivery.attempts >= ATTEMPTS_MOST then
    delivery.result = "given up"
  else
    delivery.due = service.engine:now() + service.options.webhook_pause
  end
  if delivery.result and service.engine.webhook_settled then
    service.engine:webhook_settled(delivery.id)
  end
end

-- Takes the statuses of the deliveries that have ended since the last tick.
local function take_results(webhooks)
  local number, status
  repeat
    number, status = webhooks.sender:take()
    local delivery = webhooks.by_number[number or 0]
    if delivery then settle(webhooks.service, delivery, status) end
  until not number
end

local function is_due(engine, delivery)
  if delivery.sending then return false end
  if delivery.attempts == 0 then return engine:image_task_ended(delivery.task) end
  return delivery.due <= engine:now()
end

local function send(webhooks, delivery)
  local service = webhooks.service
  delivery.attempts = delivery.attempts + 1
  delivery.sending = true
  webhooks.sender = webhooks.sender or core.sender()
  webhooks.sender:add(delivery.number, delivery.port,
    math.min(service.options.webhook_timeout, LONGEST), http_request(service, delivery))
end

--- To call at short intervals: posts the events that are due, and takes the results of earlier
--- ones.
function methods:tick()
  if #self.open == 0 then return end
  if self.sender then take_results(self) end
  local open = {}
  for _, delivery in ipairs(self.open) do
    if not delivery.result then
      open[#open + 1] = delivery
      if is_due(self.service.engine, delivery) then send(self, delivery) end
    end
  end
  self.open = open
end

--- For a ledger: url, task, attempts, statuses (0 = no response in time), result.
---@return table[]
function methods:entries()
  local entries = {}
  for i, delivery in ipairs(self.list) do
    entries[i] = {
      url = delivery.url, task_id = delivery.id, attempts = delivery.attempts,
      statuses = delivery.statuses, result = delivery.result or "waiting", body = delivery.body,
    }
  end
  return entries
end

local webhooks = {}

--- Whether an event can be sent to a URL: only to this machine.
---@param url string
---@return boolean
function webhooks.is_here(url)
  return address(url) ~= nil
end

---@param service novita.service.Service
---@return novita.service.Webhooks
function webhooks.new(service)
  return setmetatable({ service = service, list = {}, by_number = {}, open = {},
    count = 0 }, metatable)
end

return webhooks
