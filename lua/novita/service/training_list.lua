--- GET /v3/training: trainings of both kinds, newest first, in pages.

local json = require "novita.service.json"
local paging = require "novita.service.paging"
local query = require "novita.service.query"
local responses = require "novita.service.responses"
local trainings = require "novita.service.trainings"

local training_list = {}

local function entry(state)
  return json.object("task_name", state.name, "task_id", state.id, "task_type", state.kind,
    "task_status", state.status, "created_at", math.floor(state.created_at),
    "models", trainings.models(state))
end

---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function training_list.page(service, request)
  local fields, engine = query.fields(request.raw_query), service.engine
  local slice, refusal = paging.read(fields, request.most_entries)
  if not slice then return refusal end
  local kind = fields.task_type
  local found, total = engine:list_trainings(request.account, kind ~= "" and kind or nil,
    slice.offset, slice.limit)
  local page = json.list {}
  for i, training in ipairs(found) do page[i] = entry(engine:describe_training(training)) end
  return responses.json(json.object("tasks", page,
    "pagination", paging.mark(service.options, slice, total)))
end

return training_list
