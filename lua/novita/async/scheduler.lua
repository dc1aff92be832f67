--- The loops of this Lua state: novita's own, and one for each driver. A client has one of them for
-- life. A loop's step: wait for events, hand them on, run the ready fibers.

local core = require "novita.core"
local caller = require "novita.async.caller"
local environment = require "novita.base.environment"
local fibers = require "novita.async.fiber"
local foreign_loop = require "novita.async.foreign_loop"
local loop_handle = require "novita.async.loop_handle"
local usage_error = require "novita.schema.usage_error"

local scheduler = {}

local EVENTS_MOST <const> = fibers.SHARE -- in one step, as for the fibers

local options = { poll = environment.get "NOVITA_POLLER" == "poll" }

---@class novita.async.Loop
---@field driver? novita.Loop nil: novita's own loop
---@field on_retry? fun(attempt: integer, attempts: integer, why: string) called at each pause
--- before another attempt of a request; it must not raise
---@field interrupted? boolean Ctrl-C has ended a step
local Loop = {}
Loop.__index = Loop

--- The loop of the C core, created when it is first needed: requiring novita opens nothing.
---@return novita.core.loop
function Loop:core()
  local opened = self.opened
  if not opened then
    opened = assert(core.loop(options))
    self.opened = opened
  end
  return opened
end

--- Whether the loop belongs to the parent of this process.
function Loop:inherited()
  return self.opened ~= nil and self.opened:inherited()
end

-- Whether a step could do something, now or later.
local function has_work(self)
  return fibers.any_ready(self) or self:core():busy()
end

--- A step for another event loop. If the next one is due at once, the descriptor stays readable:
-- a timer of zero seconds instead could starve everything else in a loop such as libuv's.
---@param timeout? number seconds
function Loop:step_inside(timeout)
  self:step(timeout)
  if self:timeout() == 0 then
    self.opened:wake()
  end
end

--- One turn for a driver, which never waits.
---@return boolean more whether there is anything left to wait for
function Loop:turn()
  self:step_inside(0)
  return has_work(self)
end

--- Something started or ended outside of a step: a loop that waits for our descriptor must check it
-- again.
function Loop:wake_up()
  if self.stepping or not self.opened and not fibers.any_ready(self) then
    return
  end
  if self.driver and not self.watching and has_work(self) then
    foreign_loop.watch(self)
  end
  if not self.driver or self.watching then
    self:core():wake()
  end
end

local function deliver_events(l)
  local till = core.now() + fibers.SLICE
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
    if core.now() >= till then
      return
    end
  end
end

-- Ends a step, whatever was raised during it. After the "interrupted!" of Ctrl-C the clients
-- say what continues at the service.
function Loop:__close(err)
  self.stepping = false
  local first_line = type(err) == "string" and err:match "^[^\n]*" -- of a traceback
  if first_line and first_line:find "interrupted!$" then
    self.interrupted = true
  end
  fibers.set_active(self.outer)
  self.outer = nil
end

--- Waits for events for at most `timeout` seconds (nil: until there is one), then resumes the
-- fibers that they concern. A fiber of the loop must not call it.
---@param timeout? number seconds
function Loop:step(timeout)
  local outer = fibers.active()
  if outer and outer.loop == self then
    caller.raise "step is for the loop around novita's coroutines: in one of them, wait or sleep"
  end
  local l = self:core()
  self.outer, self.stepping = outer, true
  local _ <close> = self
  l:step(fibers.any_ready(self) and 0 or timeout)
  deliver_events(l)
  fibers.run_ready(self)
end

--- Seconds after which `step` must be called even if the descriptor stays quiet; nil = no need.
---@return number?
function Loop:timeout()
  if fibers.any_ready(self) then
    return 0
  end
  return self:core():timeout()
end

--- Stops an op, without events.
function Loop:drop(op)
  op:cancel(self:core())
  self:wake_up()
end

-- {====== the loops ======

--- The handle for novita's own loop.
scheduler.handle = setmetatable({}, loop_handle)

local own
local by_driver = setmetatable({}, { __mode = "k" })

local function new(driver)
  local loop = fibers.queues()
  loop.driver, loop.stepping = driver, false
  loop.name = driver and tostring(driver.name) or "novita"
  loop.spawned = driver and setmetatable({}, { __mode = "k" }) -- foreign fibers, by coroutine
  return setmetatable(loop, Loop)
end

local function renew_own()
  own = new()
  scheduler.handle.loop = own
end

renew_own()

--- novita's own loop.
---@return novita.async.Loop
function scheduler.own()
  return own
end

--- The loop of a driver; nil: novita's own.
---@param driver? novita.Loop
---@return novita.async.Loop
function scheduler.of(driver)
  if driver == nil then
    return own
  end
  by_driver[driver] = by_driver[driver] or new(driver)
  return by_driver[driver]
end

--- The loop for a new client. A child made by fork starts anew: what its parent waited for
-- continues in the parent.
---@param driver? novita.Loop
---@return novita.async.Loop
function scheduler.for_client(driver)
  local loop = scheduler.of(driver)
  if not loop:inherited() then
    return loop
  end
  fibers.set_active(nil)
  if driver then
    by_driver[driver] = nil
  else
    renew_own()
  end
  return scheduler.of(driver)
end

local DRIVER <const> = ("a driver such as require %q"):format("novita" .. ".loop.luv")

--- Leaves the check if the value of an option `loop` is not a driver. Only for use inside a check
-- (see novita.schema.usage_error).
---@param driver any
function scheduler.check(driver)
  local missing = driver ~= nil and foreign_loop.missing(driver)
  if missing == "" then
    usage_error.must_be("loop", DRIVER, driver)
  elseif missing then
    usage_error.raise("loop must be %s, but this table has no function %s", DRIVER, missing)
  end
end

--- For specs: closes all loops, which raises while a client is open.
function scheduler.close_all()
  for _, loop in pairs(by_driver) do
    loop:core():close()
  end
  own:core():close()
end

-- }======

return scheduler
