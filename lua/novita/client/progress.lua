--- A line that shows the status of a task, or of many: redrawn in place on a terminal, one line per
-- stage elsewhere.

local progress_of_tasks = require "novita.client.progress_of_tasks"
local schema = require "novita.schema.schema"
local task_list = require "novita.async.task_list"
local usage_error = require "novita.schema.usage_error"

---@type novita.Rule
local definition = {
  type = "object",
  noun = "progress",
  member = "option",
  fields = {
    { name = "name", type = "bytes", min = 0 },
    { name = "out", type = "any" },
    { name = "terminal", type = "boolean" },
  },
}

local EVERY <const> = 0.1 -- seconds: the eye does not see more than ten changes a second

local function draw_in_place(task, name, out)
  local _ <close> = setmetatable({}, {
    __close = function() -- also if the wait is canceled: the next output starts on its own line
      out:write "\n"
    end,
  })
  for status in task:updates(EVERY) do
    out:write("\r\27[K", name, tostring(status))
    out:flush()
  end
end

local function draw_lines(task, name, out)
  local stage
  for status in task:updates() do
    if status.stage ~= stage then
      stage = status.stage
      out:write(name, tostring(status), "\n")
      out:flush()
    end
  end
end

-- Coroutines have no status.
local function is_task(value)
  return task_list.is_task(value) and value.status ~= nil
end

local function check_list(tasks)
  task_list.check(tasks)
  for i, task in ipairs(tasks) do
    if not is_task(task) then
      usage_error.must_be(("tasks[%d]"):format(i), "a task handle", task)
    end
  end
end

-- All values, or the error of the first task that has failed.
local function values_of(tasks)
  local values = {}
  for i, task in ipairs(tasks) do
    local value, err = task:result()
    if value == nil then
      return nil, err
    end
    values[i] = value
  end
  return values
end

--- Shows the task until it ends, then returns what `task:wait()` returns. Of a list of tasks, it
--- shows all until they have ended, and returns the list of their values, or nil and the error of
--- the first that has failed; `task:result()` has each.
---@param tasks novita.Task|novita.Task[]
---@param options? { name?: string, out?: file*, terminal?: boolean } `name` goes in front;
--- `terminal`: whether `out` (standard error) can redraw a line; detected by default
---@return any value
---@return novita.Error? err
local function progress(tasks, options)
  if task_list.is_task(options) then
    error("progress takes one list of tasks: write novita.progress { task, other }", 2)
  end
  options = schema.check(definition, options or {}, { level = 2 })
  local task = is_task(tasks) and tasks
  if not task then
    usage_error.raise_at_caller(1, check_list, tasks)
  end
  local out = options.out or io.stderr
  local name = options.name and options.name .. ": " or ""
  local terminal = options.terminal
  if terminal == nil then
    terminal = require("novita.core").terminal.is_terminal(out)
  end
  if not task then
    progress_of_tasks(tasks, name, out, terminal)
    return values_of(tasks)
  end
  (terminal and draw_in_place or draw_lines)(task, name, out)
  return task:wait()
end

return progress
