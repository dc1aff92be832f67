--- A line that shows the status of a task: redrawn in place on a terminal, one line per stage
-- elsewhere.

local schema = require "novita.schema.schema"

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

--- Shows the task until it ends, then returns what `task:wait()` returns.
---@param task novita.Task
---@param options? { name?: string, out?: file*, terminal?: boolean } `name` goes in front;
--- `terminal`: whether `out` (standard error) can redraw a line; detected by default
---@return any value
---@return novita.Error? err
local function progress(task, options)
  options = schema.check(definition, options or {}, { level = 2 })
  local out = options.out or io.stderr
  local name = options.name and options.name .. ": " or ""
  local terminal = options.terminal
  if terminal == nil then
    terminal = require("novita.core").terminal.is_terminal(out)
  end
  (terminal and draw_in_place or draw_lines)(task, name, out)
  return task:wait()
end

return progress
