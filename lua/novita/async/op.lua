--- Ops of the C core, awaited.

local Future = require "novita.async.future"
local waiting = require "novita.async.waiting"

local op = {}

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
  local future = Future.new { loop = loop }
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
