--- The loop of the program around us, where it has one of its own: `novita.use`.
--
-- A coroutine of the host that waits for us is parked in the host's own way and is
-- *foreign*; so are the coroutines that it spawns in groups, so that they may wait for the
-- host's things as well. The work on the way to a task stays in fibers of the scheduler.
-- One *watch* of our descriptor moves the world for all of them: it begins when there is
-- something to wait for and ends when there is not, so that the host's loop can end too.
-- What a loop has to provide is in the class novita.Loop.

local running, is_yieldable = coroutine.running, coroutine.isyieldable

local host = {}

---@class novita.Loop
---@field name string
---@field watch fun(world: novita.World): boolean? calls `world:step()` whenever the descriptor
--- is readable or the timeout has passed, until that returns false; false: not from here
---@field spawn fun(fn: function, ...) starts a coroutine of the loop
---@field park fun() lets the others go on, until `wake`
---@field wake fun(co: thread)
---@field running? fun(): any whether the loop could park the coroutine that runs; none:
--- every one that can yield

---@type novita.Loop?
host.loop = nil -- none: our own

-- Coroutines of the loop that cannot go on without it: those of groups until they end, others
-- while they wait.
local bound = setmetatable({}, { __mode = "k" })

local watching -- what the loop calls now and then, while there is something to wait for
local fibers = setmetatable({}, { __mode = "k" }) -- those that groups spawned, by coroutine

local NEEDED <const> = { "watch", "spawn", "park", "wake" }

--- What is wrong with something that should be a loop.
---@return string? problem
function host.problem(loop)
  if type(loop) ~= "table" then
    return tostring(loop) .. " is none"
  end
  for _, name in ipairs(NEEDED) do
    if type(loop[name]) ~= "function" then
      return "this one has no function " .. name
    end
  end
end

--- Whether coroutines depend on the loop.
function host.needed()
  return next(bound) ~= nil
end

--- Changes the loop. Whatever still watches for the one before is done.
---@param loop? novita.Loop
function host.set(loop)
  host.loop, watching = loop, nil
end

--- The fiber of the host's coroutine that runs now, as far as we have spawned it.
function host.current()
  return fibers[running()]
end

--- The same for one that is about to wait; nil where the host could not park it.
function host.guest()
  local co = running()
  local loop = host.loop
  if not is_yieldable() or loop.running and not loop.running() then
    return nil
  end
  return fibers[co] or { co = co, foreign = true }
end

--- Whether the loop watches for us.
function host.watches()
  return watching ~= nil
end

--- Makes the loop watch for us.
---@param world novita.World what a watch extends with its own `step`
---@param step fun(): boolean whether there is anything left to wait for
function host.watch(world, step)
  local watch = setmetatable({}, { __index = world })
  function watch:step()
    if watching ~= self then
      return false
    end
    watching = nil -- should the step raise, the next wait begins another watch
    local more = step()
    watching = more and self or nil
    return more
  end
  watching = watch
  if host.loop.watch(watch) == false then
    watching = nil
  end
end

--- Parks the foreign fiber that runs, and returns with what it was woken.
-- Others may resume a coroutine that waits for us by mistake: then it goes on waiting.
function host.park(fiber)
  bound[fiber], fiber.parked = true, true
  repeat
    host.loop.park()
  until not fiber.parked
  bound[fiber] = fiber.ended and true
  return fiber.signal
end

local function ended(fiber, ok, ...)
  fibers[fiber.co], fiber.co, bound[fiber] = nil, nil, nil
  return fiber:ended(ok, ...)
end

local function body(fiber, start)
  fiber.co = running()
  fibers[fiber.co] = fiber
  return ended(fiber, pcall(table.unpack(start, 1, start.n)))
end

--- A fiber will run in a coroutine of the loop.
function host.bind(fiber)
  fiber.foreign, bound[fiber] = true, true
end

--- Begins a foreign fiber, or goes on with it.
---@param signal any a table: the function and its arguments
function host.run(fiber, signal)
  if type(signal) == "table" then
    return host.loop.spawn(body, fiber, signal)
  end
  fiber.parked, fiber.signal = nil, signal
  host.loop.wake(fiber.co)
end

return host
