--- Coroutines that wait: the one place where they are parked and resumed.
--
-- A *fiber* is a coroutine of ours. It parks on a future (anything with
-- `settled`, `add_waiter` and `remove_waiter`), and is resumed from `step`, never
-- from inside a callback or from another fiber, so that no depth of fibers waiting
-- for each other touches the C stack. A wait works in two worlds: in a fiber it
-- parks; in a plain script it blocks, and all fibers go on meanwhile. Where it
-- could do neither it raises: see docs/waiting.md. Inside another event loop there are
-- *foreign* fibers besides: coroutines of that loop, see novita.host.
--
-- Nothing here keeps a parked fiber alive: whatever can wake it does so already, for
-- it is found through the future, the op or the group.
--
-- A coroutine's stack starts with room for 40 values, a C function wants 20 of them,
-- and the next size is 80; each level of calls costs 80 bytes. So one frame of ours
-- lies between a script and the yield, reached by tail calls: ten thousand that wait
-- would need 6 MB more.

local core = require "novita.core"
local errors = require "novita.base.error"
local foreign_loop = require "novita.async.foreign_loop"
local usage_error = require "novita.schema.usage_error"

local running, yield, resume = coroutine.running, coroutine.yield, coroutine.resume
local create, close, is_yieldable = coroutine.create, coroutine.close, coroutine.isyieldable

local scheduler = {}

-- What the yield of a parked fiber returns, where it is not the end of its wait.
local CANCEL <const>, TIMEOUT <const> = "cancel", "timeout"
-- What a parked fiber yields; anything else is a coroutine.yield of the script's.
local PARKED <const> = "parked"
-- News and fibers of one step: another loop around us wants its turn as well.
local SHARE <const> = 64

local loop -- made when it is first needed: requiring novita opens nothing
local options = { poll = os.getenv "NOVITA_POLLER" == "poll" }

local active -- the fiber that runs now, or whose own coroutines do
local stepping = false -- whether `step` is on the stack
local ready, signals = {}, {} -- queue of fibers to resume, and with what
local first, last = 1, 0

--- The loop of this Lua state.
function scheduler.loop()
  if not loop then
    loop = assert(core.loop(options))
  end
  return loop
end

--- The loop for a new client. A child made by fork begins anew: what waited in its parent
-- goes on there.
function scheduler.fresh_loop()
  if loop and loop:inherited() then
    loop, active, stepping = nil, nil, false
    ready, signals, first, last = {}, {}, 1, 0
    foreign_loop.set(foreign_loop.loop)
  end
  return scheduler.loop()
end

--- The fiber that runs now, or nil.
function scheduler.current()
  local fiber = active
  if fiber then
    return fiber.co == running() and fiber or nil
  end
  return foreign_loop.loop and foreign_loop.current()
end

-- Whether there is anything that a step would bring forward, now or later.
local function busy()
  return first <= last or scheduler.loop():busy()
end

local function host_step()
  scheduler.step(0)
  if scheduler.timeout() == 0 then
    loop:wake()
  end
  return busy()
end

--- Something began or ended outside of a step: whoever waits for our descriptor in
-- another loop must look again.
function scheduler.stir()
  if stepping or not loop and first > last then
    return
  end
  if not foreign_loop.loop or foreign_loop.watches() then
    scheduler.loop():wake()
  elseif busy() then
    foreign_loop.watch(scheduler.world, host_step)
  end
end

local function enqueue(fiber, signal)
  ready[last + 1], signals[last + 1] = fiber, signal -- without memory nothing has changed
  last = last + 1
  scheduler.stir()
end

local ours = debug.getinfo(1, "S").source:match "^(.*)async/scheduler%.lua$"

--- Raises: the script's line is to raise_at_caller, however many of our functions lie between.
---@param message string
local function raise_at_caller(message)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and (info.what == "C" or ours and info.source:sub(1, #ours) == ours) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, level)
end

scheduler.raise_at_caller = raise_at_caller

--- Raises unless it is a number of seconds, or nil.
---@param timeout any
function scheduler.check_timeout(timeout)
  if timeout ~= nil and (type(timeout) ~= "number" or timeout ~= timeout) then
    raise_at_caller(usage_error.wrong_value("timeout", "a number of seconds", timeout))
  end
end

-- {====== fibers ======

--- Starts `fn(...)` as a fiber: it runs at the next step.
-- `fiber` is a table of the caller's, where `co` and `waits_for` want a place; its
-- method `ended(ok, ...)` is called with the results of the function, or with false
-- and the error.
function scheduler.start(fiber, fn, ...)
  fiber.co = create(core.coroutine_main)
  assert(resume(fiber.co, fn, ...))
  enqueue(fiber)
end

--- The same for a function of the script: where another loop drives, it runs in a
-- coroutine of that loop, for it may want to wait for the loop's own things.
function scheduler.spawn(fiber, fn, ...)
  if active or not foreign_loop.loop then
    return scheduler.start(fiber, fn, ...)
  end
  foreign_loop.bind(fiber)
  enqueue(fiber, table.pack(fn, ...))
end

--- Wakes a fiber that waits for `what`; any other one is left alone.
---@param signal? string none: `what` has been settled and knows its waiters no more
function scheduler.wake(fiber, what, signal)
  if fiber.waits_for == what then
    fiber.waits_for = nil
    if signal then
      what:remove_waiter(fiber)
    end
    enqueue(fiber, signal)
  end
end

--- Raises a `canceled` error where the fiber waits, or where it will wait next.
function scheduler.cancel(fiber)
  if fiber.waits_for then
    scheduler.wake(fiber, fiber.waits_for, CANCEL)
  else
    fiber.cancel_pending = true
  end
end

-- What resume returned: whether the coroutine itself is sound, and then what it
-- yielded, or the results of its body. Closing one that has ended gives half of its
-- stack back at once: that is more than a task's result needs, so that ten thousand
-- that end need no more memory than they did while they waited.
local function stopped(fiber, sound, ok, ...)
  if ok == PARKED then
    return
  end
  local co = fiber.co
  if coroutine.status(co) == "suspended" then
    return enqueue(fiber) -- a bare coroutine.yield(): let the others go first
  end
  fiber.co = nil
  close(co)
  if sound then
    return fiber:ended(ok, ...)
  end
  fiber:ended(false, ok)
end

local function run(fiber, signal)
  if fiber.foreign then
    return foreign_loop.run(fiber, signal)
  end
  active = fiber
  stopped(fiber, resume(fiber.co, signal))
  active = nil
end

-- Only who is ready now: those who wake each other for ever must not keep the
-- network waiting.
local function run_ready()
  local stop = math.min(last, first + SHARE - 1)
  while first <= stop do
    local fiber, signal = ready[first], signals[first]
    ready[first], signals[first] = nil, nil
    first = first + 1
    run(fiber, signal)
  end
  if first > last then
    first, last = 1, 0
  end
end

-- }======

-- {====== the world ======

local function take_news(l)
  for _ = 1, SHARE do
    local continuation, final, a, b, c, d, e = l:next()
    if not continuation then
      return
    end
    if final then
      continuation:finish(a, b)
    else
      continuation:news(a, b, c, d, e)
    end
  end
end

-- Leaves `stepping` and `active` right whatever is raised in between, such as the
-- "interrupted!" of Ctrl-C.
local guard = setmetatable({}, {
  __close = function()
    stepping, active = false, nil
  end,
})

--- Lets the world go on for at most `timeout` seconds (nil: until something
-- happens), then resumes whoever is concerned. Not for fibers.
---@param timeout? number seconds
function scheduler.step(timeout)
  if active then
    raise_at_caller "step is for the loop around novita's coroutines: inside of one, wait or sleep"
  end
  local l = scheduler.loop()
  local _ <close> = guard
  stepping = true
  l:step(first <= last and 0 or timeout)
  take_news(l)
  run_ready()
end

--- Seconds until `step` wants to be called even if the descriptor stays quiet; nil =
-- no need.
---@return number?
function scheduler.timeout()
  if first <= last then
    return 0
  end
  return scheduler.loop():timeout()
end

--- Stops an op, without news.
function scheduler.drop(op)
  op:cancel(scheduler.loop())
  scheduler.stir()
end

-- }======

-- {====== for other loops: the protocol of cqueues, and LuaSocket's ======

---@class novita.World
local world = {}

--- Lets the world go on: at most `timeout` seconds, nil until something happens.
-- Not where `novita.use` has named a loop: it is that one's to call.
---@param timeout? number seconds
function world:step(timeout)
  scheduler.check_timeout(timeout)
  if foreign_loop.loop then
    raise_at_caller(("step is for the loop %s to call: here, wait"):format(foreign_loop.loop.name))
  end
  scheduler.step(timeout)
end

--- The descriptor to wait for; nil where the system has none, then use `timeout`.
---@return integer?
function world:pollfd()
  return scheduler.loop():pollfd()
end

--- What to wait for on it: "r".
---@return string
function world:events()
  return "r"
end

--- Seconds after which `step` wants to be called anyway; nil = no need.
---@return number?
function world:timeout()
  return scheduler.timeout()
end

world.getfd = world.pollfd

--- LuaSocket's question whether there is something to do without waiting.
---@return boolean
function world:dirty()
  return scheduler.timeout() == 0
end

scheduler.world = world

--- Lets another loop drive: `novita.use(novita.loop.luv)`. From then on a wait in a
-- coroutine of that loop parks it there, and a wait where nothing can be parked raises.
-- Clients may be made before or after.
---@param used? novita.Loop nil: novita's own again
function scheduler.use(used)
  local problem = used ~= nil and foreign_loop.problem(used)
  if problem then
    error("use takes a loop such as novita.loop.luv: " .. problem, 2)
  end
  if active or stepping then
    error("use changes the loop, which a coroutine that it runs cannot do", 2)
  end
  if foreign_loop.loop ~= used and foreign_loop.needed() then
    local text = "use: coroutines still wait in %s: let them end or cancel them first"
    error(text:format(foreign_loop.loop.name), 2)
  end
  foreign_loop.set(used)
  scheduler.stir()
end

-- }======

-- {====== waiting ======

-- What a timer's end means to the fiber that set it.
local Alarm = {}
Alarm.__index = Alarm

function Alarm:finish()
  scheduler.wake(self.fiber, self.future, TIMEOUT)
end

local function set_alarm(fiber, future, timeout)
  local alarm = setmetatable({ fiber = fiber, future = future }, Alarm)
  return scheduler.loop():timer(alarm, timeout)
end

local function canceled()
  return errors.new { kind = "canceled", message = "canceled while waiting" }
end

local function check_canceled(fiber)
  if fiber.cancel_pending then
    fiber.cancel_pending = nil
    error(canceled(), 0)
  end
end

--- Before something is begun: a fiber that was canceled on its way here must not begin it.
function scheduler.check_canceled()
  local fiber = scheduler.current()
  if fiber then
    check_canceled(fiber)
  end
end

local function park(fiber, future, timeout, tell)
  check_canceled(fiber)
  local timer = timeout and set_alarm(fiber, future, timeout)
  future:add_waiter(fiber)
  fiber.waits_for = future
  local signal
  if fiber.foreign then
    scheduler.stir()
    signal = foreign_loop.park(fiber)
  else
    signal = yield(PARKED)
  end
  if timer then
    scheduler.drop(timer)
  end
  if signal == CANCEL then
    error(canceled(), 0)
  end
  return tell(future, signal ~= TIMEOUT, timeout)
end

local function block(future, timeout)
  local deadline = timeout and core.now() + timeout
  while not future.settled do
    local left = deadline and deadline - core.now()
    if left and left <= 0 then
      return false
    end
    if first > last and not deadline and not scheduler.loop():busy() then
      raise_at_caller "nothing is under way that could end this wait"
    end
    scheduler.step(left)
  end
  return true
end

-- Blocking here would stop all other fibers, and nested waits could end only in
-- the reverse of their order.
local function refuse(fiber)
  if fiber.co == running() then
    raise_at_caller(
      "this wait is inside a function that cannot yield, such as a comparator of table.sort, "
        .. "a callback of string.gsub or __gc: wait before or after it"
    )
  end
  raise_at_caller(
    "this wait is in a coroutine of the script's own, inside a coroutine of novita, which cannot "
      .. "park it: make it with novita.spawn, or wait outside of it"
  )
end

-- Blocking would stop everything else that the host does.
local function refuse_host()
  local name = foreign_loop.loop.name
  raise_at_caller(
    ("this wait is not in a coroutine that %s could park, and blocking would stop its loop: "
      .. "wait in a coroutine of %s, outside of functions that cannot yield"):format(name, name)
  )
end

local function in_time(_, was_in_time)
  return was_in_time
end

--- Waits until `future.settled`, and returns what `tell(future, in_time, timeout)`
-- does; without one whether it was in time. Raises a `canceled` error when the fiber
-- was canceled.
---@param timeout? number seconds
---@param tell? fun(future: table, in_time: boolean, timeout?: number): ...
---@return any ...
function scheduler.wait(future, timeout, tell)
  tell = tell or in_time
  scheduler.check_timeout(timeout)
  if future.settled then
    return tell(future, true)
  end
  local fiber = active
  if not fiber and not foreign_loop.loop then
    return tell(future, block(future, timeout), timeout)
  elseif not fiber then
    return park(foreign_loop.guest() or refuse_host(), future, timeout, tell)
  end
  if fiber.co ~= running() or not is_yieldable() then
    refuse(fiber)
  end
  return park(fiber, future, timeout, tell)
end

-- }======

return scheduler
