--- GET /v3/training: tasks of both kinds, newest first, in pages.

local responses = require "novita.service.responses"
local given_names = require "novita.emulator.given_names"
local json = require "novita.service.json"
local paging = require "novita.service.paging"
local query = require "novita.service.query"
local queue = require "novita.emulator.queue"
local training = require "novita.emulator.training"

local task_list = {}

--- The tasks that already appear in the list, newest first.
local function visible(state, kind)
  local found, list = {}, state.training.list
  local latest = state.clock:now() - state.options.list_lag
  for i = #list, 1, -1 do
    local task = list[i]
    if task.created_at <= latest and (not kind or kind == "" or task.kind == kind) then
      found[#found + 1] = task
    end
  end
  return found
end

local function entry(state, task)
  local progress = training.progress(state, task)
  return json.object("task_name", given_names.of(state, task), "task_id", task.id,
    "task_type", task.kind, "task_status", progress.status,
    "created_at", math.floor(task.created_at), "models", training.models(task, progress))
end

---@return novita.service.Response
function task_list.page(state, request)
  local fields = query.fields(request.raw_query)
  local slice, refusal = paging.read(fields, request.most_entries)
  if not slice then return refusal end
  queue.settle(state)
  local found = visible(state, fields.task_type)
  return responses.json(json.object(
    "tasks", paging.cut(found, slice, function(task) return entry(state, task) end),
    "pagination", paging.mark(state, slice, #found)))
end

return task_list
