--- Coroutines that wait: the one place where they are parked and resumed.
--
-- A *fiber* is a coroutine of ours. It parks on a future (anything with
-- `settled`), and is resumed from `step`, never from inside a callback. A wait
-- works in two worlds: in a fiber it parks; in a plain script it blocks, and
-- all fibers go on meanwhile.

local core = require "novita.core"
local errors = require "novita.error"

local running, yield, resume = coroutine.running, coroutine.yield, coroutine.resume

local scheduler = {}

local CANCEL <const>, TIMEOUT <const> = "cancel", "timeout"

local loop -- made when it is first needed: requiring novita opens nothing
local options = { poll = os.getenv "NOVITA_POLLER" == "poll" }

local fibers = {} -- coroutine -> fiber; what keeps a parked coroutine alive
local ready, signals = {}, {} -- queue of coroutines to resume, and with what
local first, last = 1, 0

--- The loop of this Lua state.
function scheduler.loop()
  if not loop then
    loop = assert(core.loop(options))
  end
  return loop
end

--- The fiber that runs now, or nil.
function scheduler.current()
  return fibers[running()]
end

local function enqueue(co, signal)
  last = last + 1
  ready[last], signals[last] = co, signal
end

-- {====== fibers ======

--- Starts `fn` as a fiber: it runs at the next step.
-- `fiber` is a table of the caller's; its method `ended(ok, ...)` is called
-- with the results of the function, or with false and the error.
function scheduler.start(fiber, fn)
  local co = coroutine.create(fn)
  fiber.co = co
  fibers[co] = fiber
  enqueue(co)
end

--- Wakes a fiber that waits for `what`; any other one is left alone.
function scheduler.wake(fiber, what, signal)
  if fiber.waits_for == what then
    fiber.waits_for = nil
    enqueue(fiber.co, signal)
  end
end

--- Raises a `cancelled` error where the fiber waits, or where it will wait next.
function scheduler.cancel(fiber)
  if not fibers[fiber.co] then
    return
  end
  if fiber.waits_for then
    scheduler.wake(fiber, fiber.waits_for, CANCEL)
  else
    fiber.doomed = true
  end
end

local function ended(fiber, ok, ...)
  if coroutine.status(fiber.co) ~= "dead" then
    return -- parked again
  end
  fibers[fiber.co] = nil
  if not ok then
    coroutine.close(fiber.co)
  end
  fiber:ended(ok, ...)
end

local function run_ready()
  while first <= last do
    local co, signal = ready[first], signals[first]
    ready[first], signals[first] = nil, nil
    first = first + 1
    ended(fibers[co], resume(co, signal))
  end
  first, last = 1, 0
end

-- }======

--- Lets the world go on for at most `timeout` seconds (nil: until something
-- happens), then resumes whoever is concerned.
---@param timeout? number seconds
function scheduler.step(timeout)
  local l = scheduler.loop()
  if first <= last then
    timeout = 0
  end
  l:step(timeout)
  local continuation, final, a, b, c, d, e = l:next()
  while continuation do
    if final then
      continuation:finish(a, b)
    else
      continuation:news(a, b, c, d, e)
    end
    continuation, final, a, b, c, d, e = l:next()
  end
  run_ready()
end

-- {====== waiting ======

-- What a timer's end means to the fiber that set it.
local Alarm = {}
Alarm.__index = Alarm

function Alarm:finish()
  scheduler.wake(self.fiber, self.waits_for, TIMEOUT)
end

local function cancelled()
  return errors.new { kind = "cancelled", message = "cancelled while waiting" }
end

local function park(fiber, future, timeout)
  if fiber.doomed then
    fiber.doomed = nil
    error(cancelled(), 0)
  end
  local timer
  if timeout then
    local alarm = setmetatable({ fiber = fiber, waits_for = future }, Alarm)
    timer = scheduler.loop():timer(alarm, timeout)
  end
  future:add_waiter(fiber)
  fiber.waits_for = future
  local signal = yield()
  if timer then
    timer:cancel(scheduler.loop())
  end
  if signal == CANCEL then
    error(cancelled(), 0)
  end
  return signal ~= TIMEOUT
end

local function block(future, timeout)
  local deadline = timeout and core.now() + timeout
  while not future.settled do
    local left = deadline and deadline - core.now()
    if left and left <= 0 then
      return false
    end
    if first > last and not scheduler.loop():busy() then
      error("nothing is under way that could end this wait", 4)
    end
    scheduler.step(left)
  end
  return true
end

--- Waits until `future.settled`. False when `timeout` seconds passed first.
-- Raises a `cancelled` error when the fiber was cancelled.
---@param timeout? number seconds
---@return boolean
function scheduler.wait(future, timeout)
  if future.settled then
    return true
  end
  local fiber = fibers[running()]
  if fiber then
    return park(fiber, future, timeout)
  end
  return block(future, timeout)
end

-- }======

return scheduler
