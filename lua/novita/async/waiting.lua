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
local scheduler = require "novita.async.scheduler"

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
  return scheduler.loop():timer(alarm, timeout)
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
function waiting.check_canceled()
  local fiber = fibers.current()
  if fiber then
    check_canceled(fiber)
  end
end

local function park(fiber, future, timeout, read)
  check_canceled(fiber)
  local timer = timeout and set_alarm(fiber, future, timeout)
  future:add_waiter(fiber)
  fiber.waits_for = future
  local signal
  if fiber.foreign then
    scheduler.wake_loop()
    signal = foreign_loop.park(fiber)
  else
    signal = yield(PARKED)
  end
  if timer then
    scheduler.drop(timer)
  end
  if signal == CANCEL then
    error(canceled(), 0)
  end
  return read(future, signal ~= TIMEOUT, timeout)
end

local function block(future, timeout)
  local deadline = timeout and core.now() + timeout
  while not future.settled do
    local left = deadline and deadline - core.now()
    if left and left <= 0 then
      return false
    end
    if not fibers.any_ready() and not deadline and not scheduler.loop():busy() then
      caller.raise "nothing is under way that could end this wait"
    end
    scheduler.step(left)
  end
  return true
end

-- Blocking here would stop all other fibers, and nested waits could end only in
-- the reverse of their order.
local function refuse(fiber)
  if fiber.co == running() then
    caller.raise(
      "this wait is inside a function that cannot yield, such as a comparator of table.sort, "
        .. "a callback of string.gsub or __gc: wait before or after it"
    )
  end
  caller.raise(
    "this wait is in a coroutine that the script made inside a coroutine of novita, which cannot "
      .. "suspend it: make it with novita.spawn, or wait outside of it"
  )
end

-- Blocking would stop everything else in the foreign loop.
local function refuse_foreign()
  local name = foreign_loop.loop.name
  caller.raise(
    ("this wait is not in a coroutine that %s could suspend, and blocking would stop its loop: "
      .. "wait in a coroutine of %s, outside of functions that cannot yield"):format(name, name)
  )
end

local function in_time(_, was_in_time)
  return was_in_time
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
  local fiber = fibers.active()
  if not fiber and not foreign_loop.loop then
    return read(future, block(future, timeout), timeout)
  elseif not fiber then
    return park(foreign_loop.guest() or refuse_foreign(), future, timeout, read)
  end
  if fiber.co ~= running() or not is_yieldable() then
    refuse(fiber)
  end
  return park(fiber, future, timeout, read)
end

return waiting
