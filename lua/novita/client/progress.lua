--- A line that shows the status of a task: redrawn in place on a terminal, one line per stage
-- elsewhere.

local schema = require "novita.schema.schema"

---@class novita.progress
local progress = {}

---@type novita.Rule
local definition = {
  type = "object",
  noun = "progress.show",
  member = "option",
  fields = {
    { name = "name", type = "bytes", min = 0 },
    { name = "out", type = "any" },
    { name = "terminal", type = "boolean" },
  },
}

local EVERY <const> = 0.1 -- seconds: the eye does not see more than ten changes a second
local BAR <const> = 24 -- characters

local function bar(part)
  local full = math.floor(BAR * math.min(math.max(part, 0), 1) + 0.5)
  return "[" .. ("#"):rep(full) .. ("."):rep(BAR - full) .. "]"
end

local function duration(seconds)
  seconds = math.floor(seconds + 0.5)
  if seconds < 60 then
    return ("%d s"):format(seconds)
  end
  return ("%d:%02d"):format(seconds // 60, seconds % 60)
end

local function megabytes(bytes)
  return ("%.1f MB"):format(bytes / 1e6)
end

local function uploading(status)
  local text = ("%d/%d photos"):format(status.uploaded or 0, status.photos or 0)
  if (status.bytes or 0) > 0 then
    text = text .. ", " .. megabytes(status.bytes)
  end
  return bar((status.uploaded or 0) / math.max(status.photos or 1, 1)) .. " " .. text
end

local function training(status)
  if not status.percent then
    return ""
  end
  local text = bar(status.percent / 100) .. (" %3d %%"):format(math.floor(status.percent))
  if status.eta and status.eta > 0 then
    text = text .. ", " .. duration(status.eta) .. " left"
  end
  return text
end

local details = { uploading = uploading, training = training, deploying = training }

--- One line for a status, without a line break.
---@param status novita.Status
---@return string
function progress.line(status)
  local detail = details[status.stage]
  local text = detail and detail(status) or ""
  if status.trouble then
    text = ("%s (%s; still waiting)"):format(text, status.trouble):gsub("^ ", "")
  end
  return (("%-11s %s"):format(status.stage, text):gsub("%s+$", ""))
end

local function draw_in_place(task, name, out)
  local _ <close> = setmetatable({}, {
    __close = function() -- also if the wait is canceled: the next output starts on its own line
      out:write "\n"
    end,
  })
  for status in task:updates(EVERY) do
    out:write("\r\27[K", name, progress.line(status))
    out:flush()
  end
end

local function draw_lines(task, name, out)
  local stage
  for status in task:updates() do
    if status.stage ~= stage then
      stage = status.stage
      out:write(name, progress.line(status), "\n")
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
function progress.show(task, options)
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
