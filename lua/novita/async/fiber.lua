--- Fibers: the coroutines of this library, and the queues of those that are ready to run.
--
-- A fiber parks on a future (anything with `settled`, `add_waiter` and `remove_waiter`). It is
-- resumed only from its loop's queue, never from inside a callback or from another fiber, so a
-- chain of fibers that wait for each other does not use the C stack, however long it is.
--
-- The queue does not keep parked fibers alive. Whatever can wake a fiber already refers to it: the
-- future, the op or the group.
--
-- A fiber that only waits is a table of one field. Its coroutine is not in it, but in a table of
-- its owner, which has an entry for it anyway: the members of a group.
--
-- In the loop of a driver there are also *foreign* fibers: coroutines of that loop, see
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
--- For how many seconds one step resumes fibers; it resumes at least one.
fibers.SLICE = 0.01
-- How many fibers one step starts at most: a fiber that is due must not wait until a thousand have
-- started. New fibers come first, so that client:sleep(0) lets those that were spawned before it
-- start.
local STARTS <const> = 16

local PARKED <const>, CANCEL <const>, SHARE <const> = fibers.PARKED, fibers.CANCEL, fibers.SHARE
local SLICE <const> = fibers.SLICE

local now <const> = core.now

local active -- the fiber that runs now, or that has resumed the coroutine that runs now
local active_co -- its coroutine

--- The fiber that runs now, or that has resumed the coroutine that runs now; of any loop.
---@return table? fiber
---@return thread? co its coroutine
function fibers.active()
  return active, active_co
end

--- Restores it after an error that left the running fiber without an end, such as the
-- "interrupted!" of Ctrl-C, and in a child made by fork, where all fibers belong to the parent.
function fibers.set_active(fiber)
  active, active_co = fiber, fiber and fiber.members[fiber]
end

--- The fiber whose own coroutine runs now, or nil. A foreign one is of the given loop.
function fibers.current(loop)
  if active and active_co == running() then
    return active
  end
  return loop.driver and foreign_loop.current(loop)
end

--- The queues of a new loop. `ready` has the fibers to resume, and `signals` what their yield
-- returns. The new ones are a list through their fields `after`, from `oldest` to `newest`: ten
-- thousand that are spawned at once need no table.
---@return table fields of the loop
function fibers.queues()
  return { ready = {}, signals = {}, first = 1, last = 0, oldest = false, newest = false }
end

--- Whether a fiber of the loop is ready to run.
function fibers.any_ready(loop)
  return loop.first <= loop.last or loop.oldest ~= false
end

local function enqueue(fiber, signal)
  local loop = fiber.loop
  local last = loop.last + 1
  loop.ready[last], loop.signals[last] = fiber, signal -- on out-of-memory nothing has changed
  loop.last = last
  loop:wake_up()
end

local function enqueue_new(fiber)
  local loop = fiber.loop
  if loop.oldest then
    loop.newest.after = fiber
  else
    loop.oldest = fiber
  end
  loop.newest = fiber
  loop:wake_up()
end

--- Starts `fn(...)` as a fiber: it runs at the next step of its loop.
-- `fiber` is a table of the caller, with a `loop`, a table `members` that has its coroutine until
-- it ends, and a field reserved for `waits_for`. Its method `ended(ok, ...)` is called with the
-- results of the function, or with false and the error.
function fibers.start(fiber, fn, ...)
  local co = create(core.coroutine_main)
  fiber.members[fiber] = co
  assert(resume(co, fn, ...))
  enqueue_new(fiber)
end

--- The same for a function of the script: in the loop of a driver it runs in a coroutine of that
-- loop, because it may wait for the loop's own objects.
function fibers.spawn(fiber, fn, ...)
  if not fiber.loop.driver or active and active.loop == fiber.loop then
    return fibers.start(fiber, fn, ...)
  end
  fiber.members[fiber] = true -- its coroutine belongs to the driver
  fiber.foreign, fiber.start = true, table.pack(fn, ...)
  enqueue_new(fiber)
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
local function stopped(fiber, co, sound, ok, ...)
  if ok == PARKED then
    return
  end
  if coroutine.status(co) == "suspended" then
    return enqueue(fiber) -- a bare coroutine.yield(): let the others run first
  end
  fiber.members[fiber] = nil
  close(co)
  if sound then
    return fiber:ended(ok, ...)
  end
  fiber:ended(false, ok)
end

-- `outer`: another loop may run inside a fiber.
local function run(fiber, signal)
  if fiber.foreign then
    return foreign_loop.run(fiber, signal)
  end
  local outer, outer_co, co = active, active_co, fiber.members[fiber]
  active, active_co = fiber, co
  stopped(fiber, co, resume(co, signal))
  active, active_co = outer, outer_co
end

local function resume_ready(loop, last)
  local ready, signals = loop.ready, loop.signals
  local stop, till = math.min(last, loop.first + SHARE - 1), now() + SLICE
  while loop.first <= stop do
    local first = loop.first
    local fiber, signal = ready[first], signals[first]
    ready[first], signals[first] = nil, nil
    loop.first = first + 1
    run(fiber, signal)
    if now() >= till then
      break
    end
  end
  if loop.first > loop.last then
    loop.first, loop.last = 1, 0
  end
end

local function start_new(loop)
  local newest, left, till = loop.newest, STARTS, now() + SLICE
  local fiber = loop.oldest
  while fiber and left > 0 do
    loop.oldest, fiber.after = fiber.after or false, nil
    loop.newest = loop.oldest and loop.newest
    run(fiber)
    left = (fiber == newest or now() >= till) and 0 or left - 1
    fiber = loop.oldest
  end
end

--- Starts new fibers of a loop and resumes those that are ready now. Fibers that become ready
-- meanwhile wait for the next step: two that wake each other forever must not keep the network
-- waiting.
function fibers.run_ready(loop)
  local last = loop.last
  start_new(loop)
  resume_ready(loop, last)
end

return fibers
