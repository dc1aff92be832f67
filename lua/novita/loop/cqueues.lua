--- novita inside cqueues: `novita.client { loop = require "novita.loop.cqueues" }`. Every coroutine
-- that a controller has wrapped may wait.

local cqueues = require "novita.loop.library" "cqueues"
local condition = require "cqueues.condition"
local running_loop = require "novita.async.running_loop"

local parked = setmetatable({}, { __mode = "k" }) -- the conditions of coroutines that wait

-- The handle that is watched. Each controller with a waiting coroutine has its own watcher, because
-- another controller may end at any time.
local watched, over
local watchers = setmetatable({}, { __mode = "k" })

local loop = { name = "cqueues" }

function loop.running()
  local suspends = coroutine.isyieldable() and running_loop.in_cqueues()
  return suspends and coroutine.running() or nil
end

local function add_watcher(controller)
  local handle, ended = watched, over
  watchers[controller] = handle
  controller:wrap(function()
    repeat
      cqueues.poll(handle, ended)
    until not handle:step()
    ended:signal() -- the watchers of other controllers
    if watchers[controller] == handle then
      watchers[controller] = nil
    end
  end)
end

-- Outside of a controller nothing could run our loop.
function loop.watch(handle)
  local controller = cqueues.running()
  if not controller then
    return false
  end
  watched, over = handle, condition.new()
  add_watcher(controller)
end

function loop.spawn(fn, ...)
  cqueues.running():wrap(fn, ...)
end

-- A waiting coroutine must not refer to its controller: a controller that is dropped could then be
-- collected only after the wait.
local function ensure_watcher()
  local controller = cqueues.running()
  if watchers[controller] ~= watched then
    add_watcher(controller)
  end
end

function loop.park()
  ensure_watcher()
  local ended = condition.new()
  parked[coroutine.running()] = ended
  ended:wait()
end

function loop.wake(co)
  parked[co]:signal()
end

return loop
