--- A loop as other event loops see it: a descriptor, a timeout and a step, in the protocols of
-- cqueues and LuaSocket. `novita.loop` is the handle for novita's own loop.

local caller = require "novita.async.caller"
local methods = require "novita.base.methods"

---@class novita.LoopHandle
---@field package loop novita.async.Loop
local loop_handle = { __name = "novita.LoopHandle" }

local modules <const> = { luv = "luv", uv = "luv", cqueues = "cqueues", copas = "copas" }

-- With `loop = novita.loop.luv`, which is nil, the client would silently use the wrong loop.
function loop_handle:__index(name)
  if modules[name] then
    error(("novita.loop has no %s: the driver is require \"novita.loop.%s\""):format(name,
      modules[name]), 2)
  end
  return loop_handle[name]
end

function loop_handle:__tostring()
  return ("novita.LoopHandle (%s)"):format(self.loop.name)
end

--- Waits for events for at most `timeout` seconds (nil: until there is one) and handles them.
---@param timeout? number seconds
function loop_handle:step(timeout)
  caller.check_timeout(timeout)
  self.loop:step_inside(timeout)
end

--- The descriptor to wait for; nil if the system has none, then use `timeout`.
---@return integer?
function loop_handle:pollfd()
  return self.loop:core():pollfd()
end

--- The event to wait for on the descriptor: "r".
---@return string
function loop_handle:events()
  return "r"
end

--- Seconds after which `step` must be called even if the descriptor stays quiet; nil = no need.
---@return number?
function loop_handle:timeout()
  return self.loop:timeout()
end

loop_handle.getfd = loop_handle.pollfd

--- For LuaSocket: whether `step` has something to do without waiting.
---@return boolean
function loop_handle:dirty()
  return self.loop:timeout() == 0
end

methods.need_colon(loop_handle, "novita.loop", {
  "step", "pollfd", "events", "timeout", "getfd", "dirty" })

return loop_handle
