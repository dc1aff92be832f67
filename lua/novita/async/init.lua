--- Running coroutines that wait: run, spawn, group, sleep, all.

local core = require "novita.core"
local Future = require "novita.async.future"
local groups = require "novita.async.group"
local caller = require "novita.async.caller"
local fibers = require "novita.async.fiber"
local waiting = require "novita.async.waiting"
local usage_error = require "novita.schema.usage_error"

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

--- Waits for all of `tasks` (task handles or fibers), in any order.
---@param tasks table[]
---@param timeout? number seconds, over all of them
---@return any[]? results in the order of `tasks`; nil when one failed
---@return novita.Error? err of the first one in the list that failed
function async.all(tasks, timeout)
  if type(tasks) ~= "table" or tasks.wait then
    error(usage_error.wrong_value("tasks", "a list of task handles and coroutines", tasks), 2)
  end
  caller.check_timeout(timeout)
  local deadline = timeout and core.now() + timeout
  local results, failure = {}, nil
  for i = 1, #tasks do
    local task = tasks[i]
    if type(task) ~= "table" or not task.wait then
      local path = ("tasks[%d]"):format(i)
      error(usage_error.wrong_value(path, "a task handle or a coroutine", task), 2)
    end
    local value, err = task:wait(deadline and math.max(0, deadline - core.now()))
    if value == nil and not failure then
      failure = err
    end
    results[i] = value
  end
  if failure then
    return nil, failure
  end
  return results
end

return async
