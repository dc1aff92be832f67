--- Ops of the C core, awaited.

local Future = require "novita.async.future"
local waiting = require "novita.async.waiting"

local op = {}

-- The future of an op. Its event is a pause before another attempt.
local Awaited = {}
for name, method in pairs(Future) do
  Awaited[name] = method
end
Awaited.__index = Awaited

function Awaited:on_event(attempt, attempts, why)
  local report = self.loop.on_retry
  if report then
    report(attempt, attempts, why)
  end
end

local guard = {}
guard.__close = function(self)
  if not self.future.settled then
    self.future.loop:drop(self.op)
  end
end

--- Starts an op and waits for its result. `start` gets the continuation and returns the op, or nil
-- and an error. If the waiting coroutine is canceled, so is the op. A coroutine that was canceled
-- before starts nothing.
---@param loop novita.async.Loop
---@param start fun(future: table): userdata?, novita.Error?
---@param on_start? fun(op: userdata) if it raises, the op is canceled
---@return any value
---@return any err
function op.await(loop, start, on_start)
  waiting.check_canceled(loop)
  local future = setmetatable({ loop = loop }, Awaited)
  local started, err = start(future)
  if not started then
    return nil, err
  end
  local guarded <close> = setmetatable({ op = started, future = future }, guard)
  if on_start then
    on_start(started)
  end
  return guarded.future:wait()
end

return op
