--- Shared by the specs of coroutines.

local co = require "support.coroutines"
local core = require "novita.core"
local scheduler = require "novita.async.scheduler"

local shared = {}

function shared.seconds(fn, ...)
  local began = core.now()
  fn(...)
  return core.now() - began
end

function shared.canceled(err)
  return type(err) == "table" and err.kind == "canceled"
end

-- A future that never ends; a timer far in the future keeps the loop busy.
function shared.endless()
  scheduler.own():core():timer(co.future(), 3600)
  return co.future()
end

return shared
