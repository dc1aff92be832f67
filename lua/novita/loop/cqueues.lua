--- novita inside cqueues: `novita.use(novita.loop.cqueues)`. Every coroutine that a
-- controller has wrapped may wait.

local condition = require "cqueues.condition"
local cqueues = require "cqueues"

local parked = setmetatable({}, { __mode = "k" }) -- the conditions of coroutines that wait

local loop = { name = "cqueues" }

function loop.running()
  local controller, directly = cqueues.running()
  return controller and directly
end

-- The controller of the first coroutine that waits runs our loop; outside of a controller nothing
-- could run it.
function loop.watch(handle)
  local controller = cqueues.running()
  if not controller then
    return false
  end
  controller:wrap(function()
    repeat
      cqueues.poll(handle)
    until not handle:step()
  end)
end

function loop.spawn(fn, ...)
  cqueues.running():wrap(fn, ...)
end

function loop.park()
  local ended = condition.new()
  parked[coroutine.running()] = ended
  ended:wait()
end

function loop.wake(co)
  parked[co]:signal()
end

return loop
