--- novita inside libuv (luv): `novita.use(novita.loop.luv)`. Every coroutine that can
-- yield may wait.

local uv = require "luv"

local POLL_EVERY <const> = 10 -- milliseconds, if the system has no descriptor for us

local luv = { name = "luv", park = coroutine.yield }

local watcher -- libuv accepts a descriptor once, so the watcher of a previous loop must go first

local function stop()
  if watcher then
    watcher:close()
    watcher = nil
  end
end

function luv.watch(handle)
  local function step()
    if not handle:step() then
      stop()
    end
  end
  local fd = handle:pollfd()
  stop()
  watcher = assert(fd and uv.new_poll(fd) or not fd and uv.new_timer())
  if fd then
    watcher:start("r", step)
  else
    watcher:start(0, POLL_EVERY, step)
  end
end

-- An uncaught error goes to libuv, as in its own callbacks.
local function resume(co, ...)
  local ok, err = coroutine.resume(co, ...)
  if not ok then
    error(debug.traceback(co, tostring(err)), 0)
  end
end

function luv.spawn(fn, ...)
  resume(coroutine.create(fn), ...)
end

function luv.wake(co)
  if coroutine.status(co) == "suspended" then
    resume(co)
  end
end

return luv
