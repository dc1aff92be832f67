--- Drivers: how a loop of ours lives in another event loop.
--
-- A coroutine of that loop that waits for us is suspended in the loop's own way and is a *foreign*
-- fiber. So are the coroutines that it spawns in groups, because they may wait for the loop's
-- objects too. The steps of a task before its submission stay in our own fibers.
-- One *watch* of our descriptor runs our loop for all of them. It starts when there is something to
-- wait for and ends when there is not, so that the foreign loop can end too.

local loop_handle = require "novita.async.loop_handle"

local running, is_yieldable = coroutine.running, coroutine.isyieldable

local foreign_loop = {}

---@class novita.Loop a driver
---@field name string for messages
---@field watch fun(handle: novita.LoopHandle): boolean? calls `handle:step()` whenever the
--- descriptor is readable or the timeout has passed, until it returns false; then the watch is over
--- and its resources are freed. Returns false if it cannot watch from here: the next wait tries
--- again
---@field spawn fun(fn: function, ...) starts a coroutine of the loop
---@field park fun() suspends the running coroutine until `wake`; it may return early
---@field wake fun(co: any) resumes it, at once or later
---@field running? fun(): any what `wake` takes to resume the running coroutine, or nil if the loop
--- cannot suspend it; default: every coroutine that can yield

local NEEDED <const> = { "watch", "spawn", "park", "wake" }

--- Checks a value that should be a driver.
---@param driver any
---@return string? missing the name of a function that it does not have; "" if it is not a table
function foreign_loop.missing(driver)
  if type(driver) ~= "table" then
    return ""
  end
  for _, name in ipairs(NEEDED) do
    if type(driver[name]) ~= "function" then
      return name
    end
  end
end

-- What `wake` takes to resume the running coroutine.
local function identity(driver)
  if driver.running then
    return driver.running()
  end
  return is_yieldable() and running() or nil
end

--- The foreign fiber that runs now, if a group has spawned it.
function foreign_loop.current(loop)
  local co = identity(loop.driver)
  return co and loop.spawned[co]
end

--- The foreign fiber that is about to wait; nil if the loop could not suspend it.
function foreign_loop.guest(loop)
  local co = identity(loop.driver)
  return co and (loop.spawned[co] or { co = co, foreign = true, loop = loop }) or nil
end

--- Makes the driver watch our descriptor.
function foreign_loop.watch(loop)
  local watch = setmetatable({ loop = loop }, loop_handle)
  function watch:step()
    if loop.watching ~= self then
      return false
    end
    loop.watching = nil -- if the step raises, the next wait starts another watch
    local more = loop:turn()
    loop.watching = more and self or nil
    return more
  end
  loop.watching = watch
  if loop.driver.watch(watch) == false then
    loop.watching = nil
  end
end

--- Parks the foreign fiber that runs, and returns the signal that woke it.
-- If another part of the program resumes the coroutine by mistake, it continues to wait.
function foreign_loop.park(fiber)
  fiber.parked = true
  repeat
    fiber.loop.driver.park()
  until not fiber.parked
  return fiber.signal
end

local function ended(fiber, ok, ...)
  fiber.loop.spawned[fiber.co], fiber.co, fiber.members[fiber] = nil, nil, nil
  return fiber:ended(ok, ...)
end

local function main(fiber, start)
  fiber.co = identity(fiber.loop.driver)
  fiber.loop.spawned[fiber.co] = fiber
  return ended(fiber, pcall(table.unpack(start, 1, start.n)))
end

--- Starts a foreign fiber, or resumes it.
---@param signal? string
function foreign_loop.run(fiber, signal)
  local driver, start = fiber.loop.driver, fiber.start
  if start then
    fiber.start = nil
    return driver.spawn(main, fiber, start)
  end
  fiber.parked, fiber.signal = nil, signal
  driver.wake(fiber.co)
end

return foreign_loop
