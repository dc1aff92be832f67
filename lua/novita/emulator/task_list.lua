--- GET /v3/training: both kinds of tasks, newest first, in pages.

local responses = require "novita.emulator.responses"
local json = require "novita.emulator.json"
local paging = require "novita.emulator.paging"
local query = require "novita.emulator.query"
local queue = require "novita.emulator.queue"
local training = require "novita.emulator.training"

local task_list = {}

--- Tasks that may be seen, newest first.
local function visible(world, kind)
  local found, list = {}, world.training.list
  local latest = world.clock:now() - world.options.list_lag
  for i = #list, 1, -1 do
    local task = list[i]
    if task.created_at <= latest and (not kind or kind == "" or task.kind == kind) then
      found[#found + 1] = task
    end
  end
  return found
end

local function entry(world, task)
  local state = training.state(world, task)
  return json.object("task_name", task.name, "task_id", task.id, "task_type", task.kind,
    "task_status", state.status, "created_at", math.floor(task.created_at),
    "models", training.models(task, state))
end

---@return novita.emulator.Answer
function task_list.page(world, request)
  local fields = query.fields(request.raw_query)
  local slice, refusal = paging.read(fields)
  if not slice then return refusal end
  queue.settle(world)
  local found = visible(world, fields.task_type)
  return responses.json(json.object(
    "tasks", paging.cut(found, slice, function(task) return entry(world, task) end),
    "pagination", paging.mark(world, slice, #found)))
end

return task_list
