--- The entry point of a server: runs in the Lua state of the HTTP server.

local cjson = require("novita.json.cjson").new()
local engines = require "novita.server.engine"
local http_date = require "novita.service.http_date"
local json = require "novita.json"
local operator = require "novita.server.operator"
local request_log = require "novita.server.request_log"
local scheduler = require "novita.async.scheduler"
local server_options = require "novita.server.options"
local service_options = require "novita.service.options"
local services = require "novita.service"
local sigv4 = require "novita.service.sigv4"
local trainings = require "novita.server.trainings"
local whole_numbers = require "novita.json.whole_numbers"

local rules = {}

-- Links survive a restart: what signs them is kept.
local function credentials_of(engine)
  return json.decode(engine.store:meta("credentials", function()
    return json.encode(sigv4.new_credentials())
  end))
end

local GUESS_SECONDS <const> = 1 -- that a wrong key has to wait for its response

-- Only that connection waits.
local function slow_down(request, response)
  if not request.is_guess then
    return response
  end
  return { wait = GUESS_SECONDS, next = function() return response end }
end

local function respond(service, engine, desk, requests, request)
  local response = desk:respond(request)
  if request.head then
    return response or service:head(request)
  end
  response = response or service:respond(request)
  requests:note(request, response)
  if response.headers then
    table.move({ "Date", http_date(engine:now()) }, 1, 2, #response.headers + 1, response.headers)
  end
  return slow_down(request, response)
end

local controls = {}

function controls.trainings(engine)
  return json.encode(trainings.report(engine))
end

function controls.cancel(engine, id)
  return tostring(trainings.cancel(engine, id))
end

function controls.forget(engine, id)
  local found, open = trainings.forget(engine, id)
  return tostring(found and not open)
end

--- Called once, from C.
---@param options_json string a novita.server.Options
---@param port integer
---@return novita.httpd.Program
function rules.open(options_json, port)
  local options = whole_numbers(cjson.decode(options_json))
  local engine = engines.open(options)
  local settings = service_options.defaults()
  settings.body_limit = options.body_limit
  local scheme, host = server_options.url(options, port)
  local service = services.new(engine, { options = settings, agent = "novita-server",
    storage = { scheme = scheme, host = host },
    credentials = credentials_of(engine) })
  for _, task in ipairs(engine.store.images:with_webhook()) do
    service.webhooks:add(task.id, task, task.webhook)
  end
  local requests = request_log.new(engine.log)
  local desk = operator.new(engine, ("%s://%s"):format(scheme, host))
  engine.log("server_started", { url = ("%s://%s"):format(scheme, host), slots = options.slots,
    waiting = engine.slots.queue:count() })
  return {
    handle = function(raw) return respond(service, engine, desk, requests, service:read(raw)) end,
    tick = function()
      service:tick()
      engine:tick()
      scheduler.own():step(0)
    end,
    control = function(name, text) return controls[name](engine, text) end,
  }
end

return rules
