--- Checks a list of tasks that a call waits for.

local usage_error = require "novita.schema.usage_error"

local task_list = {}

--- Whether it is a task handle or a coroutine of a group.
---@param value any
---@return boolean
function task_list.is_task(value)
  return type(value) == "table" and value.unlisten ~= nil
end

-- The last index of a list. The length operator may stop before a nil, as that of Lua 5.5 does: a
-- task after it would not be waited for.
local function last_index(list)
  local last = 0
  for key in pairs(list) do
    if math.type(key) == "integer" and key > last then
      last = key
    end
  end
  return last
end

--- Only for use inside a check (see novita.schema.usage_error).
---@param tasks any
function task_list.check(tasks)
  if type(tasks) ~= "table" or task_list.is_task(tasks) then
    usage_error.must_be("tasks", "a list of task handles and coroutines", tasks)
  end
  for i = 1, last_index(tasks) do
    if not task_list.is_task(tasks[i]) then
      usage_error.must_be(("tasks[%d]"):format(i), "a task handle or a coroutine", tasks[i])
    elseif tasks[i].loop ~= tasks[1].loop then
      usage_error.raise("tasks[%d] belongs to the loop %s, but tasks[1] to the loop %s: wait for "
        .. "each loop's tasks in a coroutine of it", i, tasks[i].loop.name, tasks[1].loop.name)
    end
  end
end

return task_list
