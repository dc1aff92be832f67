--- A result that will be there later. Everything one can wait for is a future:
-- an op of the C core finishes one, a task handle is one.
--
-- The fibers that wait for it are a ring through themselves (`after`, `before`), in
-- the order in which they came: `waiters` is the first. A single one has no links,
-- for that is what thousands of tasks have. A fiber waits for one future at a time.

local errors = require "novita.base.error"
local fibers = require "novita.async.fiber"
local waiting = require "novita.async.waiting"

local Future = {}
Future.__index = Future

--- Makes a future; a table with fields of the caller's own may be given.
---@package
function Future.new(fields)
  return setmetatable(fields or {}, Future)
end

--- Settles it, once; later calls change nothing.
---@package
function Future:finish(value, err)
  if self.settled then
    return
  end
  local first = self.waiters
  self.waiters = nil -- first: its place in the table is used again
  self.settled, self.value, self.err = true, value, err
  local fiber = first
  while fiber do
    local after = fiber.after
    fiber.after, fiber.before = nil, nil
    fibers.wake(fiber, self)
    fiber = after ~= first and after or nil
  end
end

--- For the scheduler: a fiber parks on it.
---@package
function Future:add_waiter(fiber)
  local first = self.waiters
  if not first then
    self.waiters = fiber
    return
  end
  local last = first.before or first
  last.after, fiber.before = fiber, last
  fiber.after, first.before = first, fiber
end

--- For the scheduler: a fiber that parked on it no longer waits.
---@package
function Future:remove_waiter(fiber)
  local after, before = fiber.after, fiber.before
  if not after or after == fiber then
    self.waiters = nil
  else
    before.after, after.before = after, before
    if self.waiters == fiber then
      self.waiters = after
    end
  end
  fiber.after, fiber.before = nil, nil
end

local function read(self, in_time, timeout)
  if in_time then
    return self.value, self.err
  end
  return nil, errors.new {
    kind = "timeout",
    message = ("not finished within %g s; it goes on"):format(timeout),
    retryable = true,
    task_id = self.task_id,
  }
end

--- Waits for the result: parks in a coroutine of novita, blocks in a plain script.
---@param timeout? number seconds; the thing itself goes on when they have passed
---@return any value nil when it failed
---@return novita.Error? err kind "timeout" when the time was up
function Future:wait(timeout)
  return waiting.wait(self, timeout, read)
end

--- True once there is a result.
---@return boolean
function Future:done()
  return self.settled == true
end

--- The result if it is there, without waiting: value, or nil and the error.
---@return any value
---@return novita.Error? err
function Future:result()
  return self.value, self.err
end

return Future
