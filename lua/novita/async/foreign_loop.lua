--- The event loop of the program, if it has one other than ours: see `novita.use`.
--
-- A coroutine of that loop that waits for us is suspended in the loop's own way and is a *foreign*
-- fiber. So are the coroutines that it spawns in groups, because they may wait for the loop's
-- objects too. The steps of a task before its submission stay in our own fibers.
-- One *watch* of our descriptor runs our loop for all of them. It starts when there is something to
-- wait for and ends when there is not, so that the foreign loop can end too.
-- The class novita.Loop says what a loop has to provide.

local running, is_yieldable = coroutine.running, coroutine.isyieldable

local foreign_loop = {}

---@class novita.Loop
---@field name string
---@field watch fun(handle: novita.LoopHandle): boolean? calls `handle:step()` whenever the
--- descriptor is readable or the timeout has passed, until it returns false. Returns false if it
--- cannot watch from here
---@field spawn fun(fn: function, ...) starts a coroutine of the loop
---@field park fun() suspends the running coroutine until `wake`
---@field wake fun(co: thread)
---@field running? fun(): any whether the loop could suspend the running coroutine; default: every
--- coroutine that can yield

---@type novita.Loop?
foreign_loop.loop = nil -- nil: our own

--- The handle for a watch; novita.async.loop_handle sets it.
---@type novita.LoopHandle
foreign_loop.handle = nil

-- Coroutines of the loop that need it to continue: those of groups until they end, others while
-- they wait.
local bound = setmetatable({}, { __mode = "k" })

local watching -- the watch that the loop has, while there is something to wait for
local fibers = setmetatable({}, { __mode = "k" }) -- those spawned by groups, by coroutine

local NEEDED <const> = { "watch", "spawn", "park", "wake" }

--- Checks a value that should be a loop.
---@return string? wrong what is wrong with it
function foreign_loop.check(loop)
  if type(loop) ~= "table" then
    return tostring(loop) .. " is not a loop"
  end
  for _, name in ipairs(NEEDED) do
    if type(loop[name]) ~= "function" then
      return "this one has no function " .. name
    end
  end
end

--- Whether coroutines depend on the loop.
function foreign_loop.needed()
  return next(bound) ~= nil
end

--- Changes the loop. A watch by the previous loop ends.
---@param loop? novita.Loop
function foreign_loop.set(loop)
  foreign_loop.loop, watching = loop, nil
end

--- The foreign fiber that runs now, if a group has spawned it.
function foreign_loop.current()
  return fibers[running()]
end

--- The foreign fiber that is about to wait; nil if the loop could not suspend it.
function foreign_loop.guest()
  local co = running()
  local loop = foreign_loop.loop
  if not is_yieldable() or loop.running and not loop.running() then
    return nil
  end
  return fibers[co] or { co = co, foreign = true }
end

--- Whether the loop watches our descriptor.
function foreign_loop.watches()
  return watching ~= nil
end

--- Makes the loop watch our descriptor.
---@param step fun(): boolean returns whether there is anything left to wait for
function foreign_loop.watch(step)
  local watch = setmetatable({}, { __index = foreign_loop.handle })
  function watch:step()
    if watching ~= self then
      return false
    end
    watching = nil -- if the step raises, the next wait starts another watch
    local more = step()
    watching = more and self or nil
    return more
  end
  watching = watch
  if foreign_loop.loop.watch(watch) == false then
    watching = nil
  end
end

--- Parks the foreign fiber that runs, and returns the signal that woke it.
-- If another part of the program resumes the coroutine by mistake, it continues to wait.
function foreign_loop.park(fiber)
  bound[fiber], fiber.parked = true, true
  repeat
    foreign_loop.loop.park()
  until not fiber.parked
  bound[fiber] = fiber.ended and true
  return fiber.signal
end

local function ended(fiber, ok, ...)
  fibers[fiber.co], fiber.co, bound[fiber] = nil, nil, nil
  return fiber:ended(ok, ...)
end

local function main(fiber, start)
  fiber.co = running()
  fibers[fiber.co] = fiber
  return ended(fiber, pcall(table.unpack(start, 1, start.n)))
end

--- Marks a fiber that will run in a coroutine of the loop.
function foreign_loop.bind(fiber)
  fiber.foreign, bound[fiber] = true, true
end

--- Starts a foreign fiber, or resumes it.
---@param signal any a table: the function and its arguments
function foreign_loop.run(fiber, signal)
  if type(signal) == "table" then
    return foreign_loop.loop.spawn(main, fiber, signal)
  end
  fiber.parked, fiber.signal = nil, signal
  foreign_loop.loop.wake(fiber.co)
end

return foreign_loop
