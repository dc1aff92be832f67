--- Coroutines in novita's own loop, in short words for specs that may have no client.

local Future = require "novita.async.future"
local fibers = require "novita.async.fiber"
local groups = require "novita.async.group"
local scheduler = require "novita.async.scheduler"
local sleep = require "novita.async.sleep"

local co = {}

--- As client:group.
function co.group(options)
  return groups.new(scheduler.own(), options)
end

--- As client:sleep.
function co.sleep(seconds)
  return sleep(scheduler.own(), seconds)
end

--- Runs fn(...) as a coroutine and waits until it and all that it spawned have ended.
function co.run(fn, ...)
  local group <close> = co.group()
  local main = group:spawn(fn, ...)
  local ok, err = group:wait()
  if not ok then error(err, 0) end
  return main:result()
end

--- One more coroutine of the group that this one is of.
function co.spawn(fn, ...)
  return fibers.current(scheduler.own()).group:spawn(fn, ...)
end

--- A future that never ends.
function co.future()
  return Future.new { loop = scheduler.own() }
end

return co
