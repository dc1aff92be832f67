--- Fibers: the coroutines of this library, and the queue of those that are ready to run.
--
-- A fiber parks on a future (anything with `settled`, `add_waiter` and `remove_waiter`). It is
-- resumed only from the queue, never from inside a callback or from another fiber, so a chain of
-- fibers that wait for each other does not use the C stack, however long it is.
--
-- The queue does not keep parked fibers alive. Whatever can wake a fiber already refers to it: the
-- future, the op or the group.
--
-- In another event loop there are also *foreign* fibers: coroutines of that loop, see
-- novita.async.foreign_loop.

local core = require "novita.core"
local foreign_loop = require "novita.async.foreign_loop"

local running, resume = coroutine.running, coroutine.resume
local create, close = coroutine.create, coroutine.close

local fibers = {}

--- The value that a parked fiber yields; other values come from a coroutine.yield of the script.
fibers.PARKED = "parked"
--- The yield returns one of these unless the end of the wait has woken the fiber.
fibers.CANCEL, fibers.TIMEOUT = "cancel", "timeout"
--- How many fibers one step resumes at most, so that a loop around this one gets its turn.
fibers.SHARE = 64

local PARKED <const>, CANCEL <const>, SHARE <const> = fibers.PARKED, fibers.CANCEL, fibers.SHARE

local active -- the fiber that runs now, or that has resumed the coroutine that runs now
local ready, signals = {}, {} -- the queue: fibers to resume, and what their yield returns
local first, last = 1, 0

--- Called when a fiber has become ready; the scheduler sets it.
---@type fun()
fibers.on_ready = nil

--- The fiber that runs now, or that has resumed the coroutine that runs now.
function fibers.active()
  return active
end

--- The fiber whose own coroutine runs now, or nil.
function fibers.current()
  local fiber = active
  if fiber then
    return fiber.co == running() and fiber or nil
  end
  return foreign_loop.loop and foreign_loop.current()
end

--- Whether a fiber is ready to run.
function fibers.any_ready()
  return first <= last
end

--- Forgets all fibers: in a child made by fork they belong to the parent.
function fibers.reset()
  active, ready, signals, first, last = nil, {}, {}, 1, 0
end

--- After an error that left the running fiber without an end, such as the "interrupted!" of Ctrl-C.
function fibers.leave_active()
  active = nil
end

local function enqueue(fiber, signal)
  ready[last + 1], signals[last + 1] = fiber, signal -- on out-of-memory nothing has changed
  last = last + 1
  fibers.on_ready()
end

--- Starts `fn(...)` as a fiber: it runs at the next step.
-- `fiber` is a table of the caller, with fields reserved for `co` and `waits_for`. Its method
-- `ended(ok, ...)` is called with the results of the function, or with false and the error.
function fibers.start(fiber, fn, ...)
  fiber.co = create(core.coroutine_main)
  assert(resume(fiber.co, fn, ...))
  enqueue(fiber)
end

--- The same for a function of the script: if a foreign loop is in use, it runs in a coroutine of
-- that loop, because it may wait for the loop's own objects.
function fibers.spawn(fiber, fn, ...)
  if active or not foreign_loop.loop then
    return fibers.start(fiber, fn, ...)
  end
  foreign_loop.bind(fiber)
  enqueue(fiber, table.pack(fn, ...))
end

--- Wakes a fiber if it waits for `future`, and does nothing otherwise.
---@param signal? string nil: `future` is settled and has forgotten its waiters
function fibers.wake(fiber, future, signal)
  if fiber.waits_for == future then
    fiber.waits_for = nil
    if signal then
      future:remove_waiter(fiber)
    end
    enqueue(fiber, signal)
  end
end

--- Raises a `canceled` error where the fiber waits, or where it will wait next.
function fibers.cancel(fiber)
  if fiber.waits_for then
    fibers.wake(fiber, fiber.waits_for, CANCEL)
  else
    fiber.cancel_pending = true
  end
end

-- Gets what resume returned: whether the coroutine itself is sound, and then what it yielded or the
-- results of its main function. Closing a coroutine that has ended gives half of its stack back at
-- once. This is more than a task's result needs, so ten thousand that end need no more memory than
-- while they waited.
local function stopped(fiber, sound, ok, ...)
  if ok == PARKED then
    return
  end
  local co = fiber.co
  if coroutine.status(co) == "suspended" then
    return enqueue(fiber) -- a bare coroutine.yield(): let the others run first
  end
  fiber.co = nil
  close(co)
  if sound then
    return fiber:ended(ok, ...)
  end
  fiber:ended(false, ok)
end

local function run(fiber, signal)
  if fiber.foreign then
    return foreign_loop.run(fiber, signal)
  end
  active = fiber
  stopped(fiber, resume(fiber.co, signal))
  active = nil
end

--- Resumes the fibers that are ready now. Fibers that become ready meanwhile wait for the next
-- step: two that wake each other forever must not keep the network waiting.
function fibers.run_ready()
  local stop = math.min(last, first + SHARE - 1)
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

return fibers
