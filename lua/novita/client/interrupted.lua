--- Ctrl-C in a script ends the program, but not what it has paid for: a line for each submitted
--- task that had not ended says how to find it again.

local format = require "novita.schema.format"

local SHOWN <const> = 20

local function line(client, task)
  local name = task.name and " " .. format.text(task.name) or ""
  if not task.task_id then
    return ("%s%s: the paid request was interrupted and may have been carried out: look for it "
      .. "before you pay again"):format(task.task_type, name)
  end
  local how = client.recorder and "the same script waits for it again"
    or ("client:attach { task_id = %q, task_type = %q } waits for it"):format(task.task_id,
      task.task_type)
  return ("%s%s: task %s continues at the service; %s"):format(task.task_type, name, task.task_id,
    how)
end

-- In the order of their names, then of their ids.
local function sort(tasks)
  local keys = {}
  for _, task in ipairs(tasks) do
    keys[task] = (task.name or "") .. "\0" .. (task.task_id or "")
  end
  table.sort(tasks, function(one, other)
    return keys[one] < keys[other]
  end)
end

local interrupted = {}

--- Whether the service has the task, or may have it.
---@param task table of the loop, not always a task
---@return boolean
function interrupted.is_paid(task)
  return task.task_type ~= nil and task.task_type ~= "upload" and not task.settled
    and (task.submitting or task.task_id ~= nil)
end

--- The lines about tasks.
---@param client novita.Client
---@param tasks novita.Task[]
---@return string[]
function interrupted.lines(client, tasks)
  sort(tasks)
  local lines = {}
  for i = 1, math.min(#tasks, SHOWN) do
    lines[i] = line(client, tasks[i])
  end
  if #tasks > SHOWN then
    lines[#lines + 1] = ("and %d more tasks continue at the service"):format(#tasks - SHOWN)
  end
  return lines
end

return interrupted
