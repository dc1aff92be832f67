--- Follows one task to its end: with one line that is redrawn, or a line for each stage.

local board_of = require "novita.cli.board"
local core = require "novita.core"
local error_codes = require "novita.http.error_codes"
local errors = require "novita.base.error"
local events_of = require "novita.cli.events"
local line = require "novita.cli.line"
local stages = require "novita.cli.stages"
local wait_command = require "novita.cli.wait_command"

local follow = {}

--- Opens a view of one training or task: a function that is given each status.
---@param ui novita.cli.Ui
---@param name string
---@return fun(status: novita.Status)
function follow.view(ui, name)
  if ui.events then
    local events = events_of(ui)
    return function(status)
      events:report(name, status)
    end
  elseif not ui.terminal then
    local log = stages(ui)
    return function(status)
      log:report(name, status)
    end
  end
  local board = board_of.open(ui)
  return function(status)
    if board:due() or status.stage ~= board.stage then
      board.stage = status.stage
      board:draw { line.job(ui, name, status, (ui:size())) }
    end
  end
end

-- Waits for a paid request in progress: canceling it would leave its result unknown.
local function leave(ui, task)
  if ui.interrupt:check() and not task.submitting then
    task:cancel()
  end
end

-- A task that the service does not know does not continue.
local function timeout_text(task, timeout)
  local last_error = task:status().last_error
  local state = last_error and error_codes.class_of(last_error) == "not_found"
    and ("the service does not know the task %s, or not yet"):format(task.task_id)
    or last_error and "the last poll failed: " .. tostring(last_error)
    or "the task continues at the service"
  return ("timed out after %g s; %s"):format(timeout, state)
end

local function timeout_error(task, deadline, timeout)
  if deadline and core.now() >= deadline and not task:done() then
    return errors.new {
      kind = "timeout",
      task_id = task.task_id,
      message = timeout_text(task, timeout),
    }
  end
end

local function interrupted(ui, task, err)
  local text = "interrupted before anything was paid for"
  if err.cause then
    text = ("interrupted; the service does not know the task %s, or not yet"):format(err.task_id)
  elseif err.task_id then
    text = ("interrupted; task %s continues at the service: `%s` waits for it"):format(
      err.task_id, wait_command(err.task_id, task.task_type))
  elseif err.ambiguous then
    text = err.message
  end
  local made = ui.interrupt:error(text)
  made.task_id = err.task_id
  return err.ambiguous and errors.mark_ambiguous(made) or made
end

--- The result of an ended task. If a signal ended it, the error has the signal's exit status.
---@param ui novita.cli.Ui
---@param task novita.Task
function follow.result(ui, task)
  local value, err = task:result()
  if value ~= nil then
    return value
  end
  if err.kind == "canceled" and ui.interrupt.signal then
    err = interrupted(ui, task, err)
  end
  return nil, err
end

-- The id of a task that was paid for is shown as soon as it is known: it must survive even a kill.
local function announcer(ui, task)
  local known = task.task_id
  return function(status)
    if status.task_id and not known then
      known = status.task_id
      ui:note(("submitted: %s (`%s` waits for it, too)"):format(ui:safe(known),
        ui:safe(wait_command(known, task.task_type))))
    end
  end
end

-- The end of the wait is not the end of the task.
local function is_left(ui, status)
  return ui.interrupt.signal and status.stage == "canceled"
end

--- Waits for a task and shows its progress. A signal ends the wait.
---@param ui novita.cli.Ui
---@param name string
---@param task novita.Task
---@param timeout? number seconds
---@param deadline? number of core.now, if the time has begun before
---@return any value
---@return novita.Error? err
function follow.task(ui, name, task, timeout, deadline)
  local show, announce = follow.view(ui, name), announcer(ui, task)
  deadline = deadline or timeout and core.now() + timeout
  for status in task:updates(ui.interrupt.every) do
    announce(status)
    if not is_left(ui, status) then
      show(status)
    end
    leave(ui, task)
    local err = timeout_error(task, deadline, timeout)
    if err then
      ui:close_board()
      return nil, err
    end
  end
  ui:close_board()
  return follow.result(ui, task)
end

return follow
