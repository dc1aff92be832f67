--- Running coroutines that wait: run, spawn, group, sleep.

local Future = require "novita.async.future"
local groups = require "novita.async.group"
local fibers = require "novita.async.fiber"
local waiting = require "novita.async.waiting"

local async = {}

--- Runs `fn(...)` as a coroutine and waits until it and everything it spawned
-- have ended. Returns what it returned (the first two values); raises what it,
-- or a coroutine that it spawned, raised.
---@param fn function
---@param ... any its arguments
---@return any, any
function async.run(fn, ...)
  local group <close> = groups.new()
  local main = group:spawn(fn, ...)
  local ok, err = group:wait()
  if not ok then
    error(err, 0)
  end
  return main:result()
end

--- Starts `fn(...)` as another coroutine. It works only inside `novita.run` or a group, which waits
-- for the coroutine.
---@param fn function
---@param ... any its arguments
---@return novita.Fiber
function async.spawn(fn, ...)
  local fiber = fibers.current()
  if not fiber then
    error("novita.spawn works only inside novita.run or a group, which waits for the coroutine", 2)
  end
  return fiber.group:spawn(fn, ...)
end

--- Makes a group of coroutines; declare it `<close>`. See docs/waiting.md.
---@param options? novita.GroupOptions
---@return novita.Group
async.group = groups.new

--- Suspends this coroutine for `seconds`; the others keep running.
---@param seconds number
function async.sleep(seconds)
  if type(seconds) ~= "number" or seconds < 0 or seconds ~= seconds then
    error(("sleep takes seconds from 0, not %s"):format(tostring(seconds)), 2)
  end
  waiting.wait(Future.new(), seconds)
end

return async
