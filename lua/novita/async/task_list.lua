--- Checks a list of tasks that a call waits for.

local format = require "novita.schema.format"
local list_end = require "novita.schema.list_end"
local usage_error = require "novita.schema.usage_error"

local task_list = {}

--- Whether it is a task handle or a coroutine of a group.
---@param value any
---@return boolean
function task_list.is_task(value)
  return type(value) == "table" and value.unlisten ~= nil
end

local LIST <const> = "tasks must be a list of task handles and coroutines, got %s: write "

local function last_of(tasks)
  local last, key = list_end(tasks)
  if not last then
    usage_error.raise(LIST .. "{ task, other }", "a table with the key " .. format.value(key))
  end
  return last
end

--- Only for use inside a check (see novita.schema.usage_error).
---@param tasks any
function task_list.check(tasks)
  if task_list.is_task(tasks) then
    usage_error.raise(LIST .. "{ task }", format.value(tasks))
  elseif type(tasks) ~= "table" then
    usage_error.must_be("tasks", "a list of task handles and coroutines", tasks)
  end
  for i = 1, last_of(tasks) do
    if not task_list.is_task(tasks[i]) then
      usage_error.must_be(("tasks[%d]"):format(i), "a task handle or a coroutine", tasks[i])
    elseif tasks[i].loop ~= tasks[1].loop then
      usage_error.raise("tasks[%d] belongs to the loop %s, but tasks[1] to the loop %s: wait for "
        .. "each loop's tasks in a coroutine of it", i, tasks[i].loop.name, tasks[1].loop.name)
    end
  end
end

return task_list
