--- novita inside libuv (luv): `novita.use(novita.loop.luv)`. Every coroutine that can
-- yield may wait.

local uv = require "luv"

local LOOK_AGAIN <const> = 10 -- milliseconds, where the system has no descriptor for us

local luv = { name = "luv", park = coroutine.yield }

local handle -- libuv takes a descriptor once: one that watched for another world must go first

local function stop()
  if handle then
    handle:close()
    handle = nil
  end
end

function luv.watch(world)
  local function step()
    if not world:step() then
      stop()
    end
  end
  local fd = world:pollfd()
  stop()
  handle = assert(fd and uv.new_poll(fd) or not fd and uv.new_timer())
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
