--- A result that will exist later. Everything a script can wait for is a future: an op of the C
-- core finishes one, a task handle is one.
--
-- The fibers that wait for a future form a ring through their fields `after` and `before`, in the
-- order of their arrival; `waiters` is the first. A single waiter, which is what thousands of tasks
-- have, has no links. A fiber waits for one future at a time.

local errors = require "novita.base.error"
local fibers = require "novita.async.fiber"
local waiting = require "novita.async.waiting"

local Future = {}
Future.__index = Future

--- Creates a future of a loop. The caller passes a table with `loop` and any other fields.
---@package
function Future.new(fields)
  return setmetatable(fields, Future)
end

--- Settles it, once; later calls change nothing.
---@package
function Future:finish(value, err)
  if self.settled then
    return
  end
  local first = self.waiters
  self.waiters = nil -- first: its slot in the table is reused
  self.settled, self.value, self.err = true, value, err
  local listener = self.listener
  if listener then
    self.listener = nil
    listener:ended(self)
  end
  local fiber = first
  while fiber do
    local after = fiber.after
    fiber.after, fiber.before = nil, nil
    fibers.wake(fiber, self)
    fiber = after ~= first and after or nil
  end
end

--- For novita.async.waiting: a fiber parks on it that others wait for already.
---@package
function Future:add_waiter(fiber)
  local first = self.waiters
  local last = first.before or first
  last.after, fiber.before = fiber, last
  fiber.after, first.before = first, fiber
end

--- For novita.async.fiber: a fiber that parked on it no longer waits.
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

-- {====== listeners: notified of the end without a fiber, see novita.async.as_completed ======

local Several = {} -- the listeners of a future that has more than one
Several.__index = Several

function Several:ended(future)
  for _, listener in ipairs(self) do
    listener:ended(future)
  end
end

--- Calls `listener:ended(future)` at the end.
---@package
function Future:listen(listener)
  local others = self.listener
  if others and getmetatable(others) == Several then
    others[#others + 1] = listener
  else
    self.listener = others and setmetatable({ others, listener }, Several) or listener
  end
end

---@return boolean
---@package
function Future:listens_to(listener)
  local others = self.listener
  if others and getmetatable(others) == Several then
    return others[#others] == listener
  end
  return others == listener
end

---@return boolean found
---@package
function Future:unlisten(listener)
  local others = self.listener
  if others == listener then
    self.listener = nil
    return true
  end
  for i, other in ipairs(others and getmetatable(others) == Several and others or {}) do
    if other == listener then
      table.remove(others, i)
      return true
    end
  end
  return false
end

-- }======

--- The error of a wait says this about the work that the wait was for.
---@package
function Future.rest()
  return "it continues"
end

--- The error of a wait names the work, if it has a name or an id.
---@package
function Future.label()
  return ""
end

--- Whether the call that made it may be repeated while it continues.
---@package
function Future.is_repeatable()
  return true
end

--- The error of a wait that ended before the future.
---@package
function Future.late(future, timeout)
  return errors.new {
    kind = "timeout",
    message = ("%snot finished within %g s; %s"):format(future:label(), math.max(0, timeout),
      future:rest()),
    retryable = future:is_repeatable(),
    task_id = future.task_id,
  }
end

-- Nothing follows a task's value, so that print(task:wait()) shows no nil. The second value that a
-- fiber's function returned is in `err`.
local function values_of(self)
  if self.err == nil then
    return self.value
  end
  return self.value, self.err
end

local function read(self, in_time, timeout)
  if in_time then
    return values_of(self)
  end
  return nil, Future.late(self, timeout)
end

--- Waits for the result: suspends a coroutine of its loop, blocks a plain script.
---@param timeout? number seconds; afterwards the work itself continues
---@return any value nil when it failed
---@return novita.Error? err kind "timeout" if it was not finished in time
function Future:wait(timeout)
  return waiting.wait(self, timeout, read)
end

--- True once there is a result.
---@return boolean
function Future:done()
  return self.settled == true
end

--- The result if it exists, without waiting: value, or nil and the error.
---@return any value
---@return novita.Error? err
function Future:result()
  return values_of(self)
end

return Future
