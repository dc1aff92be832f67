--- Iterates over tasks in the order in which they end.
--
-- A task that is waited for this way has one more field, its listener, and two array slots here; no
-- coroutine. Both arrays have their full size before the first wait, because the end of a task must
-- not fail on out-of-memory.

local core = require "novita.core"
local Future = require "novita.async.future"
local caller = require "novita.async.caller"
local task_list = require "novita.async.task_list"
local waiting = require "novita.async.waiting"
local usage_error = require "novita.schema.usage_error"

local Completed = {}
Completed.__index = Completed

-- Called by a task that has ended.
function Completed:ended(task)
  self.last = self.last + 1
  self.queue[self.last] = task
  local change = self.change
  if change then
    self.change = nil
    change:finish(true)
  end
end

local function take_ended(self)
  if self.first > self.last then
    return nil
  end
  local task = self.queue[self.first]
  self.queue[self.first] = false
  self.first = self.first + 1
  return task
end

-- The next task that is not finished; it no longer counts even if it ends now.
local function take_late(self)
  local task
  repeat
    self.checked = self.checked + 1
    task = self.tasks[self.checked]
  until not task.settled and task:unlisten(self)
  return task
end

local function next_task(self)
  while self.left > 0 do
    local task = take_ended(self)
    if task then
      self.left = self.left - 1
      if task.see then -- a coroutine
        task:see()
      end
      return task, task.value, task.err
    end
    local rest = self.deadline and self.deadline - core.now()
    if rest and rest <= 0 then
      task = take_late(self)
      self.left = self.left - 1
      return task, nil, Future.late(task, self.timeout)
    end
    self.change = self.change or Future.new { loop = self.loop }
    waiting.wait(self.change, rest)
  end
end

-- The loop was left: nothing waits for the remaining tasks.
function Completed:__close()
  for _, task in ipairs(self.tasks) do
    task:unlisten(self)
  end
end

local function add(self, task)
  self.left = self.left + 1
  self.tasks[self.left], self.queue[self.left] = task, false
end

-- A task that is twice in the list is given once. One that has not ended is recognized by its
-- listener, so that ten thousand need no table of them.
local function add_all(self, tasks)
  local ended = {}
  for _, task in ipairs(tasks) do
    if not task.settled then
      if not task:listens_to(self) then
        add(self, task)
        task:listen(self)
      end
    elseif not ended[task] then
      ended[task] = true
      add(self, task)
      self:ended(task)
    end
  end
end

--- Iterates over tasks, each once, in the order in which they end:
-- `for task, value, err in novita.as_completed(tasks) do`. Those that are not finished when the
-- timeout has passed come last, with an error of kind "timeout"; they continue.
---@param tasks table[] task handles, or coroutines of a group
---@param timeout? number seconds, over all of them
---@return fun(): novita.Task?, any, novita.Error?
---@return nil
---@return nil
---@return table closed at the end of the loop
local function as_completed(tasks, timeout)
  usage_error.raise_at_caller(1, task_list.check, tasks)
  caller.check_timeout(timeout)
  local self = setmetatable({
    loop = tasks[1] and tasks[1].loop,
    tasks = {},
    queue = {}, -- those that have ended and were not given yet, from `first` to `last`
    first = 1,
    last = 0,
    left = 0,
    checked = 0, -- for take_late
    timeout = timeout,
    deadline = timeout and core.now() + timeout,
  }, Completed)
  add_all(self, tasks)
  return function()
    return next_task(self)
  end, nil, nil, self
end

return as_completed
