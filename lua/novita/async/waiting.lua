--- Waiting for a future. A fiber parks; a plain script blocks while all fibers keep running; a wait
-- that could do neither raises: see docs/waiting.md.
--
-- A coroutine's stack starts with room for 40 values, a C function needs 20 of them, and the next
-- size is 80; each level of calls costs 80 bytes. So only one frame of ours is between a script and
-- the yield, reached by tail calls. Otherwise ten thousand waits would need 6 MB more.

local core = require "novita.core"
local errors = require "novita.base.error"
local caller = require "novita.async.caller"
local fibers = require "novita.async.fiber"
local foreign_loop = require "novita.async.foreign_loop"
local running_loop = require "novita.async.running_loop"

local running, yield, is_yieldable = coroutine.running, coroutine.yield, coroutine.isyieldable

local CANCEL <const>, TIMEOUT <const> = fibers.CANCEL, fibers.TIMEOUT
local PARKED <const> = fibers.PARKED

local waiting = {}

-- The continuation of a timer: wakes the fiber that set it.
local Alarm = {}
Alarm.__index = Alarm

function Alarm:finish()
  fibers.wake(self.fiber, self.future, TIMEOUT)
end

local function set_alarm(fiber, future, timeout)
  local alarm = setmetatable({ fiber = fiber, future = future }, Alarm)
  return fiber.loop:core():timer(alarm, timeout)
end

local function canceled()
  return errors.new { kind = "canceled", message = "canceled while waiting" }
end

local function check_canceled(fiber)
  if fiber.cancel_pending then
    fiber.cancel_pending = nil
    error(canceled(), 0)
  end
end

--- Called before something is started: a fiber that was canceled before must not start it.
---@param loop novita.async.Loop
function waiting.check_canceled(loop)
  local fiber = fibers.current(loop)
  if fiber then
    check_canceled(fiber)
  end
end

local function park(fiber, future, timeout, read)
  check_canceled(fiber)
  local timer = timeout and set_alarm(fiber, future, timeout)
  if future.waiters then
    future:add_waiter(fiber)
  else
    future.waiters = fiber -- without another level of calls
  end
  fiber.waits_for = future
  local signal
  if fiber.foreign then
    fiber.loop:wake_up()
    signal = foreign_loop.park(fiber)
  else
    signal = yield(PARKED)
  end
  if timer then
    fiber.loop:drop(timer)
  end
  if signal == CANCEL then
    error(canceled(), 0)
  end
  return read(future, signal ~= TIMEOUT, timeout)
end

local function block(future, timeout)
  local loop = future.loop
  local deadline = timeout and core.now() + timeout
  while not future.settled do
    local left = deadline and deadline - core.now()
    if left and left <= 0 then
      return false
    end
    if not fibers.any_ready(loop) and not deadline and not loop:core():busy() then
      caller.raise "nothing is under way that could end this wait"
    end
    loop:step(left)
  end
  return true
end

-- {====== waits that are refused ======

local CANNOT_YIELD <const> = "this wait is inside a function that cannot yield, such as a "
  .. "comparator of table.sort, a callback of string.gsub or __gc: wait before or after it"

local NESTED <const> = "this wait is in a coroutine that the script made inside a coroutine of "
  .. "novita, which cannot suspend it: spawn it in a group, or wait outside of it"

-- Blocking here would stop all other fibers, and nested waits could end only in
-- the reverse of their order.
local function refuse(co)
  caller.raise(co == running() and CANNOT_YIELD or NESTED)
end

local function refuse_other(loop, fiber)
  caller.raise(("this wait belongs to the loop %s, but it is in a coroutine of the loop %s, which "
    .. "it would stop: wait in a coroutine of %s"):format(loop.name, fiber.loop.name, loop.name))
end

-- Blocking would stop everything else in the foreign loop.
local function refuse_foreign(loop)
  caller.raise(
    ("this wait is not in a coroutine that %s could suspend, and blocking would stop its loop: "
      .. "wait in a coroutine of %s, outside of functions that cannot yield")
      :format(loop.name, loop.name)
  )
end

local function refuse_blocking(name)
  caller.raise(("this wait would stop the loop of %s, because it belongs to novita's own loop: "
    .. 'make the client with loop = require "novita.loop.%s"'):format(name, name))
end

-- }======

local function in_time(_, was_in_time)
  return was_in_time
end

-- In a fiber, or in a coroutine that a fiber has resumed.
local function wait_inside(fiber, co, future, timeout, read)
  if fiber.loop ~= future.loop then
    refuse_other(future.loop, fiber)
  elseif co ~= running() or not is_yieldable() then
    refuse(co)
  end
  return park(fiber, future, timeout, read)
end

-- In novita's own loop, outside of its fibers.
local function wait_outside(future, timeout, read)
  local name = running_loop.name()
  if name then
    refuse_blocking(name)
  end
  return read(future, block(future, timeout), timeout)
end

--- Waits until `future.settled`, and returns what `read(future, in_time, timeout)` returns; without
-- `read`, whether it was in time. Raises a `canceled` error if the fiber is canceled.
---@param timeout? number seconds
---@param read? fun(future: table, in_time: boolean, timeout?: number): ...
---@return any ...
function waiting.wait(future, timeout, read)
  read = read or in_time
  caller.check_timeout(timeout)
  if future.settled then
    return read(future, true)
  end
  local fiber, co = fibers.active()
  local loop = future.loop
  if fiber and (fiber.loop == loop or co == running()) then
    return wait_inside(fiber, co, future, timeout, read)
  elseif not loop.driver then
    return wait_outside(future, timeout, read)
  end
  return park(foreign_loop.guest(loop) or refuse_foreign(loop), future, timeout, read)
end

return waiting
