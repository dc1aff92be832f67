--- A local Novita training service for scripts, tests and first runs: no key, no money.
-- It follows the rules of the real service and trains nothing. The service runs in its own threads
-- and Lua state; this module is the script's handle to it.

require "novita.base.interpreter"

local cjson = require("novita.json.cjson").new()
local client_options = require "novita.emulator.client_options"
local httpd = require "novita.httpd"
local identifiers = require "novita.service.identifiers"
local need_colon = require("novita.base.methods").need_colon
local novita_error = require "novita.base.error"
local options = require "novita.emulator.options"
local usage_error = require "novita.schema.usage_error"
local whole_numbers = require "novita.json.whole_numbers"

---@class novita.emulator.Service
---@field base_url string "http://127.0.0.1:PORT"
---@field api_key string the API key that it accepts
---@field package speed number emulator seconds per real second
---@field package server novita.httpd.Server
local methods = {}
local metatable = { __name = "novita.emulator.Service", __index = methods }

local function call(service, name, argument)
  return whole_numbers(cjson.decode(service.server:call(name, cjson.encode({ argument })))[1])
end

--- The service's history: tasks, image_tasks and assets in order of creation, routes (counts of
--- requests and responses by name), upload_authorization (requests to the storage with an
--- Authorization header), webhooks (with their results), balance. Whole numbers are integers.
---@return table
function methods:ledger()
  return call(self, "ledger")
end

--- The latest requests, oldest first: { method, target, path, route, headers, body, body_bytes,
--- status, result, at, fault }.
---@return table[]
function methods:requests()
  return call(self, "requests")
end

---@class novita.emulator.Fault
---@field kind string see docs/emulator.md
---@field route? string a route's name, or "*" (default)
---@field times? integer how often; default 1, 0 = forever
---@field forever? boolean same as times = 0
---@field seconds? number duration of an outage in emulator seconds, instead of times
---@field skip? integer requests that pass before it begins
---@field every? integer from then on, strikes only each n-th request
---@field after? boolean do the work before the fault
---@field status? integer kind "status": 200 to 599
---@field body? string kind "status"
---@field headers? table<string, string> kind "status"
---@field delay? number kind "delay": real seconds
---@field rate? number kind "slow": bytes a second
---@field bytes? integer kind "big_body"
---@field share? number kind "cut_upload": 0 to 1 of the body, default 0.5
---@field date? string kind "date": the text of the Date header
---@field offset? number kind "date": seconds to add to the Date header
---@field entries? integer kind "short_page": the most entries on a page, 0 or more

--- Adds a fault. Faults are tried in the order in which they were added.
---@param fault novita.emulator.Fault
function methods:fault(fault)
  local read = options.fault(fault, 2)
  if not call(self, "fault", read) then
    error(usage_error.wrong_value("route", "a name of docs/emulator.md", read.route), 2)
  end
end

--- Removes all faults.
function methods:clear_faults()
  call(self, "clear_faults")
end

--- Moves the emulator's clock.
---@param seconds number forward; negative: back, to 1970 at most
function methods:advance(seconds)
  if type(seconds) ~= "number" or seconds - seconds ~= 0 then
    error(usage_error.wrong_value("seconds", "a finite number", seconds), 2)
  end
  call(self, "advance", seconds)
end

--- The emulator's clock.
---@return number unix seconds
function methods:now()
  return call(self, "now")
end

--- Changes options of a running emulator, such as `slots` or `queue_seconds`.
---@param given novita.emulator.Options
function methods:configure(given)
  call(self, "configure", options.changes(given, 2))
end

--- Sets the status of a training or an image task, regardless of the clock; nil returns it to the
--- clock.
---@param task_id string
---@param status? string "FAILED", "CANCELED", "UNKNOWN", or any other string
---@return boolean known false if there is no such task
function methods:set_status(task_id, status)
  if type(task_id) ~= "string" then
    error(usage_error.wrong_value("task_id", "a string", task_id), 2)
  elseif status ~= nil and type(status) ~= "string" then
    error(usage_error.wrong_value("status", "a string or nil", status), 2)
  end
  return call(self, "set_status", { task_id = task_id, status = status })
end

local kept = setmetatable({}, { __mode = "k" }) -- client -> service: it runs as long as its clients

--- Opens a client of this service: it has the service's address and key, and polls at the speed of
--- the emulator's clock. The service runs at least as long as the client is in use.
---@param given? novita.ClientOptions replace these, such as { loop = require "novita.loop.luv" }
---@return novita.Client
function methods:client(given)
  if given ~= nil and type(given) ~= "table" then
    error(usage_error.wrong_value("the options of a client", "a table", given), 2)
  end
  -- pcall leaves no line in the message of a wrong option
  local ok, client = pcall(require("novita").client,
    client_options.complete(self, self.speed, given or {}))
  if not ok then error(client, type(client) == "string" and 2 or 0) end
  kept[client] = self
  return client
end

--- Stops the service; may be called twice.
function methods:stop()
  self.server:stop()
end

metatable.__close = methods.stop
metatable.__gc = methods.stop

function metatable.__tostring(service)
  return ("novita.emulator.Service (%s)"):format(service.base_url)
end

need_colon(metatable, "service", {
  "ledger", "requests", "fault", "clear_faults", "advance", "now", "configure", "set_status",
  "client", "stop" }, methods)

local TICK = 0.02 -- seconds between two looks for webhooks that are due

---@class novita.emulator
local emulator = {}

--- Starts a service on loopback.
---@param given? novita.emulator.Options
---@return novita.emulator.Service? service
---@return novita.Error? err if it cannot listen
function emulator.start(given)
  local all = options.complete(given or {}, 2)
  all.api_key = all.api_key or "sk_emulator_" .. identifiers.hex()
  local running, why = httpd.start { name = "the emulator", entry = "novita.emulator.rules",
    options = cjson.encode(all), port = all.port, body_limit = all.body_limit, tick = TICK }
  if not running then
    return nil, novita_error.new { kind = "network", code = "emulator", message = why }
  end
  local url = ("http://127.0.0.1:%d"):format(running:port())
  return setmetatable({ base_url = url, api_key = all.api_key, speed = all.speed,
    server = running }, metatable)
end

return emulator
