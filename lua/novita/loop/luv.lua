--- novita inside libuv (luv): `novita.use(novita.loop.luv)`. Every coroutine that can
-- yield may wait.

local uv = require "luv"

local LOOK_AGAIN <const> = 10 -- milliseconds, where the system has no descriptor for us

local luv = { name = "luv", park = coroutine.yield }

function luv.watch(world)
  local fd = world:pollfd()
  local handle = fd and uv.new_poll(fd) or uv.new_timer()
  local function step()
    if not world:step() then
      handle:close()
    end
  end
  if fd then
    handle:start("r", step)
  else
    handle:start(0, LOOK_AGAIN, step)
  end
end

-- An error that nobody has caught is libuv's, as in its own callbacks.
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
