--- The loop of this Lua state, and its step: wait for events, hand them on, run the ready fibers.

local core = require "novita.core"
local caller = require "novita.async.caller"
local fibers = require "novita.async.fiber"
local foreign_loop = require "novita.async.foreign_loop"

local scheduler = {}

local EVENTS_MOST <const> = fibers.SHARE -- in one step, as for the fibers

local loop -- created when it is first needed: requiring novita opens nothing
local options = { poll = os.getenv "NOVITA_POLLER" == "poll" }
local stepping = false -- whether `step` is on the stack

--- The loop of this Lua state.
function scheduler.loop()
  if not loop then
    loop = assert(core.loop(options))
  end
  return loop
end

--- The loop for a new client. A child made by fork starts anew: what its parent waited for
-- continues in the parent.
function scheduler.fresh_loop()
  if loop and loop:inherited() then
    loop, stepping = nil, false
    fibers.reset()
    foreign_loop.set(foreign_loop.loop)
  end
  return scheduler.loop()
end

--- Whether a step is running, or a fiber, which only a step resumes.
function scheduler.is_busy()
  return stepping or fibers.active() ~= nil
end

-- Whether a step could do something, now or later.
local function has_work()
  return fibers.any_ready() or scheduler.loop():busy()
end

local function foreign_step()
  scheduler.step(0)
  if scheduler.timeout() == 0 then
    loop:wake()
  end
  return has_work()
end

--- Something started or ended outside of a step: a loop that waits for our descriptor must check it
-- again.
function scheduler.wake_loop()
  if stepping or not loop and not fibers.any_ready() then
    return
  end
  if not foreign_loop.loop or foreign_loop.watches() then
    scheduler.loop():wake()
  elseif has_work() then
    foreign_loop.watch(foreign_step)
  end
end

fibers.on_ready = scheduler.wake_loop

local function deliver_events(l)
  for _ = 1, EVENTS_MOST do
    local continuation, final, a, b, c, d, e = l:next()
    if not continuation then
      return
    end
    if final then
      continuation:finish(a, b)
    else
      continuation:on_event(a, b, c, d, e)
    end
  end
end

-- Resets the state whatever is raised during a step, such as the "interrupted!" of Ctrl-C.
local guard = setmetatable({}, {
  __close = function()
    stepping = false
    fibers.leave_active()
  end,
})

--- Waits for events for at most `timeout` seconds (nil: until there is one), then resumes the
-- fibers that they concern. A fiber must not call it.
---@param timeout? number seconds
function scheduler.step(timeout)
  if fibers.active() then
    caller.raise "step is for the loop around novita's coroutines: in one of them, wait or sleep"
  end
  local l = scheduler.loop()
  local _ <close> = guard
  stepping = true
  l:step(fibers.any_ready() and 0 or timeout)
  deliver_events(l)
  fibers.run_ready()
end

--- Seconds after which `step` must be called even if the descriptor stays quiet; nil = no need.
---@return number?
function scheduler.timeout()
  if fibers.any_ready() then
    return 0
  end
  return scheduler.loop():timeout()
end

--- Stops an op, without events.
function scheduler.drop(op)
  op:cancel(scheduler.loop())
  scheduler.wake_loop()
end

return scheduler
