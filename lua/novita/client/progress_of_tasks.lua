--- The progress of many tasks: on a terminal one line that is redrawn, with a line above it for
-- each task that has ended; elsewhere a line for each new stage of a task.

local duration = require "novita.base.duration"
local format = require "novita.schema.format"
local sleep = require "novita.async.sleep"
local stage_word = require "novita.base.stage_word"

local EVERY <const> = 0.2 -- seconds between two checks of all tasks

-- The stages in the order of the summary.
local stages = { "preparing", "uploading", "submitting", "unknown", "queuing", "training",
  "generating", "deploying", "serving", "succeeded", "failed", "canceled" }

local Display = {}
Display.__index = Display

local function label(task)
  local name = task.name or task.task_id or task.task_type
  return name:find "%c" and format.text(name) or name
end

-- Only one error is returned, so the others are shown here.
local function text_of(task, status)
  local _, err = task:result()
  local stage = status.stage == "unknown" and "no longer waiting" or status.stage
  return ("%s: %s%s"):format(label(task), stage, err and ": " .. err or "")
end

-- How far the trainings are: the one that has the longest way to go.
local function slowest(self)
  local least, longest = self.least, self.longest
  if not least then
    return ""
  end
  local many = self.counts.training > 1
  return (" (%s%d %%%s)"):format(many and "from " or "", least, longest and longest > 0
    and (", %s%s left"):format(many and "up to " or "", duration(longest)) or "")
end

local function summary(self)
  local parts = { ("%d of %d ended"):format(self.ended, #self.tasks) }
  for _, stage in ipairs(stages) do
    if (self.counts[stage] or 0) > 0 then
      parts[#parts + 1] = ("%d %s%s"):format(self.counts[stage], stage_word(stage),
        stage == "training" and slowest(self) or "")
    end
  end
  return table.concat(parts, ", ")
end

local function note_way(self, status)
  if status.stage == "training" and status.progress_percent then
    self.least = math.min(self.least or math.huge, status.progress_percent)
    self.longest = math.max(self.longest or 0, status.eta or 0)
  end
end

function Display:line(text)
  self.out:write(self.terminal and "\r\27[K" or "", self.prefix, text, "\n")
end

local function recount(counts, before, now)
  counts[now] = (counts[now] or 0) + 1
  if before then
    counts[before] = counts[before] - 1
  end
end

-- Counts the stage of a task, and shows it if it has changed, or if the task has ended: a task may
-- end in the stage that was shown last.
local function look_at(self, i, task)
  local status, before, over = task:status(), self.shown[i], task:done()
  if status.stage ~= before then
    self.shown[i] = status.stage
    recount(self.counts, before, status.stage)
  end
  if over then
    self.over[i], self.ended = true, self.ended + 1
    self:line(text_of(task, status))
  elseif status.stage ~= before and not self.terminal then
    self:line(("%s: %s"):format(label(task), tostring(status)))
  end
  note_way(self, status)
end

function Display:draw()
  self.least, self.longest = nil, nil
  for i, task in ipairs(self.tasks) do
    if not self.over[i] then
      look_at(self, i, task)
    end
  end
  if self.terminal then
    self.out:write("\r\27[K", self.prefix, summary(self))
  end
  self.out:flush()
end

-- Also if the wait is canceled: the next output starts on a new line.
function Display:__close()
  if self.terminal then
    self.out:write "\n"
  end
end

--- Shows the tasks until all have ended.
---@param tasks novita.Task[] of one loop
---@param prefix string
---@param out file*
---@param terminal boolean whether it can redraw a line
return function(tasks, prefix, out, terminal)
  local display <close> = setmetatable({ tasks = tasks, prefix = prefix, out = out,
    terminal = terminal, shown = {}, over = {}, counts = {}, ended = 0 }, Display)
  display:draw()
  while display.ended < #tasks do
    sleep(tasks[1].loop, EVERY)
    display:draw()
  end
end
