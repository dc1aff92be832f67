--- The loop as other event loops see it: a descriptor, a timeout and a step, in the protocols of
-- cqueues and LuaSocket; and `use`, which puts another loop in charge.

local caller = require "novita.async.caller"
local foreign_loop = require "novita.async.foreign_loop"
local scheduler = require "novita.async.scheduler"

---@class novita.LoopHandle
local loop_handle = {}

--- Waits for events for at most `timeout` seconds (nil: until there is one) and handles them.
-- Not after `novita.use` with a loop: only that loop may call it.
---@param timeout? number seconds
function loop_handle:step(timeout)
  caller.check_timeout(timeout)
  if foreign_loop.loop then
    caller.raise(("step is for the loop %s to call: here, wait"):format(foreign_loop.loop.name))
  end
  scheduler.step(timeout)
end

--- The descriptor to wait for; nil if the system has none, then use `timeout`.
---@return integer?
function loop_handle:pollfd()
  return scheduler.loop():pollfd()
end

--- The event to wait for on the descriptor: "r".
---@return string
function loop_handle:events()
  return "r"
end

--- Seconds after which `step` must be called even if the descriptor stays quiet; nil = no need.
---@return number?
function loop_handle:timeout()
  return scheduler.timeout()
end

loop_handle.getfd = loop_handle.pollfd

--- For LuaSocket: whether `step` has something to do without waiting.
---@return boolean
function loop_handle:dirty()
  return scheduler.timeout() == 0
end

foreign_loop.handle = loop_handle

--- Puts another loop in charge: `novita.use(novita.loop.luv)`. From then on a wait in a coroutine
-- of that loop suspends it there, and a wait outside of a coroutine raises. Clients may be created
-- before or after.
---@param used? novita.Loop nil: novita's own loop again
local function use(used)
  local wrong = used ~= nil and foreign_loop.check(used)
  if wrong then
    error("use takes a loop such as novita.loop.luv: " .. wrong, 2)
  end
  if scheduler.is_busy() then
    error("use changes the loop, so a coroutine that the loop runs cannot call it", 2)
  end
  if foreign_loop.loop ~= used and foreign_loop.needed() then
    local text = "use: coroutines still wait in %s: let them end or cancel them first"
    error(text:format(foreign_loop.loop.name), 2)
  end
  foreign_loop.set(used)
  scheduler.wake_loop()
end

return { handle = loop_handle, use = use }
