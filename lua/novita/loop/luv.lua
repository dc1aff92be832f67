--- novita inside libuv (luv): `novita.client { loop = require "novita.loop.luv" }`. Every coroutine
-- that can yield may wait, except those that another loop resumes.

local running_loop = require "novita.async.running_loop"
local uv = require "novita.loop.library" "luv"

local POLL_EVERY <const> = 10 -- milliseconds, if the system has no descriptor for us

local luv = { name = "luv", park = coroutine.yield }

function luv.running()
  local suspends = coroutine.isyieldable() and not running_loop.in_cqueues()
  return suspends and coroutine.running() or nil
end

local watcher -- libuv accepts a descriptor once, so the previous watcher must go first

local function stop()
  if watcher then
    watcher:close()
    watcher = nil
  end
end

function luv.watch(handle)
  local fd = handle:pollfd()
  stop()
  local mine = assert(fd and uv.new_poll(fd) or not fd and uv.new_timer())
  local function step()
    if not handle:step() and watcher == mine then
      stop()
    end
  end
  watcher = mine
  if fd then
    mine:start("r", step)
  else
    mine:start(0, POLL_EVERY, step)
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
