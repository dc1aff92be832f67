--- Trainings: creates them and reports their progress.

local json = require "novita.service.json"
local messages = require "novita.service.messages"
local query = require "novita.service.query"
local responses = require "novita.service.responses"
local validate = require "novita.service.validate"

local trainings = {}

local function create(service, request, kind)
  local body, refusal = validate.read(messages[kind], request.object, service.options.strict)
  if not body then return refusal end
  local training, why = service.engine:create_training(request.account,
    { kind = kind, body = body, user_agent = request.headers["user-agent"] })
  if not training then return responses.refusal(why) end
  return responses.json(json.object("task_id", service.engine:describe_training(training).id))
end

--- POST /v3/training/subject
---@return novita.service.Response
function trainings.new_subject(service, request)
  return create(service, request, "subject")
end

--- POST /v3/training/style
---@return novita.service.Response
function trainings.new_style(service, request)
  return create(service, request, "style")
end

--- The `models` of a response.
---@param state novita.service.TrainingState
function trainings.models(state)
  if not state.model_status then return json.list {} end
  return json.list { json.object("model_name", state.model_name,
    "model_status", state.model_status) }
end

--- The task id of a GET: from the query, or from a JSON body unless strict.
local function wanted_id(service, request)
  local id = query.fields(request.raw_query).task_id
  if not id and not service.options.strict and request.body ~= "" then
    local object = json.decode_object(request.body)
    id = object and object.task_id
  end
  return type(id) == "string" and id ~= "" and id or nil
end

local function status(service, request, kind)
  local id = wanted_id(service, request)
  if not id then
    return responses.api_error(400, "VALIDATOR",
      "invalid GetTrainingTaskRequest.TaskId: value length must be at least 1 runes")
  end
  local training = service.engine:find_training(request.account, id)
  local state = training and service.engine:describe_training(training)
  if not state or state.kind ~= kind then
    return responses.api_error(404, "TASK_NOT_FOUND", "task not found")
  end
  return responses.json(json.object(
    "task_id", state.id,
    "task_status", state.status,
    "model_type", service.options.model_type,
    "models", trainings.models(state),
    "extra", json.object("eta_relative", state.eta, "progress_percent", state.percent)))
end

--- GET /v3/training/subject
---@return novita.service.Response
function trainings.subject_status(service, request)
  return status(service, request, "subject")
end

--- GET /v3/training/style
---@return novita.service.Response
function trainings.style_status(service, request)
  return status(service, request, "style")
end

return trainings
