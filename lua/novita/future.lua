--- A result that will be there later. Everything one can wait for is a future:
-- an op of the C core finishes one, a task handle is one.

local errors = require "novita.error"
local scheduler = require "novita.scheduler"

local Future = {}
Future.__index = Future

--- Makes a future; a table with fields of the caller's own may be given.
function Future.new(fields)
  return setmetatable(fields or {}, Future)
end

--- Settles it, once; later calls change nothing.
function Future:finish(value, err)
  if self.settled then
    return
  end
  self.settled, self.value, self.err = true, value, err
  local waiters = self.waiters
  self.waiters = nil
  if not waiters then
    return
  end
  if waiters.co then -- the usual case: one fiber, not in a list
    return scheduler.wake(waiters, self)
  end
  for i = 1, #waiters do
    scheduler.wake(waiters[i], self)
  end
end

--- Called by the scheduler when a fiber parks on it.
function Future:add_waiter(fiber)
  local waiters = self.waiters
  if not waiters or waiters == fiber then
    self.waiters = fiber
  elseif waiters.co then
    self.waiters = { waiters, fiber }
  else
    for i = 1, #waiters do
      if waiters[i] == fiber then
        return
      end
    end
    waiters[#waiters + 1] = fiber
  end
end

--- Waits for the result: parks in a coroutine of novita, blocks in a plain script.
---@param timeout? number seconds; the thing itself goes on when they have passed
---@return any value nil when it failed
---@return novita.Error? err kind "timeout" when the time was up
function Future:wait(timeout)
  if not scheduler.wait(self, timeout) then
    return nil, errors.new {
      kind = "timeout",
      message = ("not finished within %g s; it goes on"):format(timeout),
      retryable = true,
    }
  end
  return self.value, self.err
end

--- True once there is a result.
---@return boolean
function Future:done()
  return self.settled == true
end

--- The result if it is there, without waiting: value, or nil and the error.
function Future:result()
  return self.value, self.err
end

return Future
