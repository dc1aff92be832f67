--- Shared by the specs of tasks.

local core = require "novita.core"
local fixtures = require "support.fixtures"

local shared = {}

function shared.elapsed(fn, ...)
  local began = core.now()
  fn(...)
  return core.now() - began
end

-- Starts a training of a few photos; returns it, its service, and a value that closes service and
-- client.
function shared.training(photos, options, change)
  local service = fixtures.service(options)
  local client = fixtures.client(service)
  local images = {}
  for i = 1, photos or 2 do images[i] = { bytes = fixtures.photo() } end
  local both = setmetatable({}, { __close = function()
    client:close()
    service:stop()
  end })
  return assert(client:train(fixtures.form(images, change))), service, both
end

function shared.wait_until(task, reached)
  for status in task:updates() do
    if reached(status) then return status end
  end
  error "the task ended before"
end

function shared.in_stage(task, stage)
  return shared.wait_until(task, function(status) return status.stage == stage end)
end

-- Reads the service's log until it has a request to a route.
function shared.asked(client, service, route)
  local till = core.now() + 5
  repeat
    client.loop:step(0.01)
    for _, request in ipairs(service:requests()) do
      if request.route == route then return true end
    end
  until core.now() > till
  return false
end

function shared.tasks_of(service)
  return #service:ledger().tasks
end

return shared
