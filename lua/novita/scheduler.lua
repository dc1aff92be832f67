--- Coroutines that wait: the one place where they are parked and resumed.
--
-- A *fiber* is a coroutine of ours. It parks on a future (anything with
-- `settled`, `add_waiter` and `remove_waiter`), and is resumed from `step`, never
-- from inside a callback or from another fiber, so that no depth of fibers waiting
-- for each other touches the C stack. A wait works in two worlds: in a fiber it
-- parks; in a plain script it blocks, and all fibers go on meanwhile. Where it
-- could do neither it raises: see docs/waiting.md.
--
-- Nothing here keeps a parked fiber alive: whatever can wake it does so already, for
-- it is found through the future, the op or the group.
--
-- A coroutine's stack starts with room for 40 values, a C function wants 20 of them,
-- and the next size is 80. So few frames lie between a script's `wait` and the yield:
-- ten thousand that wait would need 6 MB more.

local core = require "novita.core"
local errors = require "novita.error"

local running, yield, resume = coroutine.running, coroutine.yield, coroutine.resume
local is_yieldable = coroutine.isyieldable

local scheduler = {}

-- What the yield of a parked fiber returns, where it is not the end of its wait.
local CANCEL <const>, TIMEOUT <const> = "cancel", "timeout"
-- What a parked fiber yields; anything else is a coroutine.yield of the script's.
local PARKED <const> = "parked"

local loop -- made when it is first needed: requiring novita opens nothing
local options = { poll = os.getenv "NOVITA_POLLER" == "poll" }

local active -- the fiber that runs now, or whose own coroutines do
local stepping = false -- whether `step` is on the stack
local ready, signals = {}, {} -- queue of fibers to resume, and with what
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
  local fiber = active
  return fiber and fiber.co == running() and fiber or nil
end

-- Whoever waits for our descriptor in another loop must learn of a fiber that
-- became ready outside of a step.
local function enqueue(fiber, signal)
  ready[last + 1], signals[last + 1] = fiber, signal -- without memory nothing has changed
  last = last + 1
  if loop and not stepping then
    loop:knock()
  end
end

-- {====== fibers ======

--- Starts `fn(...)` as a fiber: it runs at the next step.
-- `fiber` is a table of the caller's; its method `ended(ok, ...)` is called
-- with the results of the function, or with false and the error.
function scheduler.start(fiber, fn, ...)
  -- pcall is the body: it runs the function's <close> handlers while the
  -- coroutine still lives, so that they can wait as well
  fiber.co = coroutine.create(pcall)
  enqueue(fiber, table.pack(fn, ...))
end

--- Wakes a fiber that waits for `what`; any other one is left alone.
---@param signal? string none: `what` has been settled and knows its waiters no more
function scheduler.wake(fiber, what, signal)
  if fiber.waits_for == what then
    fiber.waits_for = nil
    if signal then
      what:remove_waiter(fiber)
    end
    enqueue(fiber, signal)
  end
end

--- Raises a `cancelled` error where the fiber waits, or where it will wait next.
function scheduler.cancel(fiber)
  if fiber.waits_for then
    scheduler.wake(fiber, fiber.waits_for, CANCEL)
  else
    fiber.doomed = true
  end
end

-- What resume returned: whether the coroutine itself is sound, and then what it
-- yielded, or the results of pcall.
local function stopped(fiber, sound, ok, ...)
  if ok == PARKED then
    return
  end
  local co = fiber.co
  if coroutine.status(co) == "suspended" then
    return enqueue(fiber) -- a bare coroutine.yield(): let the others go first
  end
  fiber.co = nil
  if sound then
    return fiber:ended(ok, ...)
  end
  coroutine.close(co)
  fiber:ended(false, ok)
end

local function run(fiber, signal)
  active = fiber
  if type(signal) == "table" then -- its start: the function and its arguments
    stopped(fiber, resume(fiber.co, table.unpack(signal, 1, signal.n)))
  else
    stopped(fiber, resume(fiber.co, signal))
  end
  active = nil
end

-- Only who is ready now: those who wake each other for ever must not keep the
-- network waiting.
local function run_ready()
  local stop = last
  while first <= stop do
    local fiber, signal = ready[first], signals[first]
    ready[first], signals[first] = nil, nil
    first = first + 1
    run(fiber, signal)
  end
  if first > last then
    first, last = 1, 0
  end
end

-- }======

-- {====== the world ======

local function take_news(l)
  local continuation, final, a, b, c, d, e = l:next()
  while continuation do
    if final then
      continuation:finish(a, b)
    else
      continuation:news(a, b, c, d, e)
    end
    continuation, final, a, b, c, d, e = l:next()
  end
end

-- Leaves `stepping` and `active` right whatever is raised in between, such as the
-- "interrupted!" of Ctrl-C.
local guard = setmetatable({}, {
  __close = function()
    stepping, active = false, nil
  end,
})

--- Lets the world go on for at most `timeout` seconds (nil: until something
-- happens), then resumes whoever is concerned. Not for fibers.
---@param timeout? number seconds
function scheduler.step(timeout)
  if active then
    error("step is for the loop around novita's coroutines: inside of one, wait or sleep", 3)
  end
  local l = scheduler.loop()
  local _ <close> = guard
  stepping = true
  l:step(first <= last and 0 or timeout)
  take_news(l)
  run_ready()
end

--- Seconds until `step` wants to be called even if the descriptor stays quiet; nil =
-- no need.
---@return number?
function scheduler.timeout()
  if first <= last then
    return 0
  end
  return scheduler.loop():timeout()
end

-- }======

-- {====== waiting ======

local ours = debug.getinfo(1, "S").source:match "^(.*)scheduler%.lua$"

-- The script's line is to blame, however many of our functions lie between.
local function blame(message)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and (info.what == "C" or ours and info.source:sub(1, #ours) == ours) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, level)
end

-- What a timer's end means to the fiber that set it.
local Alarm = {}
Alarm.__index = Alarm

function Alarm:finish()
  scheduler.wake(self.fiber, self.future, TIMEOUT)
end

local function set_alarm(fiber, future, timeout)
  local alarm = setmetatable({ fiber = fiber, future = future }, Alarm)
  return scheduler.loop():timer(alarm, timeout)
end

local function cancelled()
  return errors.new { kind = "cancelled", message = "cancelled while waiting" }
end

local function park(fiber, future, timeout)
  if fiber.doomed then
    fiber.doomed = nil
    error(cancelled(), 0)
  end
  local timer = timeout and set_alarm(fiber, future, timeout)
  future:add_waiter(fiber)
  fiber.waits_for = future
  local signal = yield(PARKED)
  if timer then
    timer:cancel(loop)
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
    if first > last and not deadline and not scheduler.loop():busy() then
      blame "nothing is under way that could end this wait"
    end
    scheduler.step(left)
  end
  return true
end

-- Blocking here would stop all other fibers, and nested waits could end only in
-- the reverse of their order.
local function refuse(fiber)
  if fiber.co == running() then
    blame(
      "this wait is inside a function that cannot yield, such as a comparator of table.sort, "
        .. "a callback of string.gsub or __gc: wait before or after it"
    )
  end
  blame(
    "this wait is in a coroutine of the script's own, inside a coroutine of novita, which cannot "
      .. "park it: make it with novita.spawn, or wait outside of it"
  )
end

--- Waits until `future.settled`. False when `timeout` seconds passed first.
-- Raises a `cancelled` error when the fiber was cancelled.
---@param timeout? number seconds
---@return boolean
function scheduler.wait(future, timeout)
  if timeout and (type(timeout) ~= "number" or timeout ~= timeout) then
    blame(("timeout is %s: allowed are seconds, a number"):format(tostring(timeout)))
  end
  if future.settled then
    return true
  end
  local fiber = active
  if not fiber then
    return block(future, timeout)
  end
  if fiber.co ~= running() or not is_yieldable() then
    refuse(fiber)
  end
  return park(fiber, future, timeout)
end

-- }======

return scheduler
