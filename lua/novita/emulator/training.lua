--- Training tasks: create one, and tell how far it is.

local responses = require "novita.emulator.responses"
local billing = require "novita.emulator.billing"
local identifiers = require "novita.emulator.identifiers"
local json = require "novita.emulator.json"
local messages = require "novita.emulator.messages"
local query = require "novita.emulator.query"
local queue = require "novita.emulator.queue"
local validate = require "novita.emulator.validate"

local NEVER = 1e15 -- seconds; an ETA beyond it is not given

local training = {}

function training.new()
  return { by_id = {}, by_model = {}, list = {}, waiting = {}, head = 1, tail = 0, slots = {} }
end

local function asset_ids(body)
  local ids = {}
  for i, item in ipairs(body.image_dataset_items) do ids[i] = item.assets_id end
  return ids
end

local function new_task(world, kind, body, request)
  return {
    id = identifiers.uuid(), name = body.name, kind = kind, created_at = world.clock:now(),
    body = body, expert = body.expert_setting or {}, asset_ids = asset_ids(body),
    user_agent = request.headers["user-agent"],
  }
end

local function refused_assets(world, task)
  local why = world.options.bad_asset == "reject" and queue.bad_asset(world, task)
  return why and responses.api_error(400, "INVALID_REQUEST_BODY", why) or nil
end

local function create(world, request, kind)
  local body, refusal = validate.read(messages[kind], request.object, world.options.strict)
  if not body then return refusal end
  queue.settle(world)
  local task = new_task(world, kind, body, request)
  refusal = refused_assets(world, task) or billing.charge(world, world.options.training_price)
  if refusal then return refusal end
  local all = world.training
  all.by_id[task.id] = task
  all.list[#all.list + 1] = task
  queue.add(world, task)
  return responses.json(json.object("task_id", task.id))
end

--- POST /v3/training/subject
function training.new_subject(world, request)
  return create(world, request, "subject")
end

--- POST /v3/training/style
function training.new_style(world, request)
  return create(world, request, "style")
end

local function round(number)
  return math.floor(number * 100 + 0.5) / 100
end

local function known_eta(seconds)
  return seconds < NEVER and round(seconds) or nil
end

local function waiting_state(world, task, now)
  local start = queue.start_of(world, task)
  local eta = math.max(start - now, 0) + queue.duration(world, task)
  return { status = "QUEUING", percent = 0, eta = known_eta(eta) }
end

local function running_state(task, now)
  local share = (now - task.started_at) / (task.ends_at - task.started_at)
  return { status = "TRAINING", percent = round(share * 100), eta = known_eta(task.ends_at - now) }
end

--- How far a task is: status, percent, eta (may be nil), model_status (may be nil).
---@return { status: string, percent: number, eta: number?, model_status: string? }
function training.state(world, task)
  local now = world.clock:now()
  if task.decreed then return { status = task.decreed, percent = 0 } end
  if task.failed_at then return { status = "FAILED", percent = 0 } end
  if not task.started_at then return waiting_state(world, task, now) end
  if now < task.ends_at then return running_state(task, now) end
  return { status = "SUCCESS", percent = 100, eta = 0,
    model_status = now < task.serves_at and "DEPLOYING" or "SERVING" }
end

--- The `models` of an answer.
function training.models(task, state)
  if not state.model_status then return json.list {} end
  return json.list { json.object("model_name", task.model_name,
    "model_status", state.model_status) }
end

--- The task id of a GET: in the query; a JSON body counts unless strict.
local function wanted_id(world, request)
  local id = query.fields(request.raw_query).task_id
  if not id and not world.options.strict and request.body ~= "" then
    local object = json.decode_object(request.body)
    id = object and object.task_id
  end
  return type(id) == "string" and id ~= "" and id or nil
end

--- Looks up the task that a GET is about.
---@return table? task
---@return novita.emulator.Answer? refusal
local function find(world, request, kind)
  local id = wanted_id(world, request)
  if not id then
    return nil, responses.api_error(400, "VALIDATOR",
      "invalid GetTrainingTaskRequest.TaskId: value length must be at least 1 runes")
  end
  local task = world.training.by_id[id]
  if task and task.kind == kind then return task end
  return nil, responses.api_error(404, "TASK_NOT_FOUND", "task not found")
end

local function status(world, request, kind)
  queue.settle(world)
  local task, refusal = find(world, request, kind)
  if not task then return refusal end
  local state = training.state(world, task)
  return responses.json(json.object(
    "task_id", task.id,
    "task_status", state.status,
    "model_type", world.options.model_type,
    "models", training.models(task, state),
    "extra", json.object("eta_relative", state.eta, "progress_percent", state.percent)))
end

--- GET /v3/training/subject
function training.subject_status(world, request)
  return status(world, request, "subject")
end

--- GET /v3/training/style
function training.style_status(world, request)
  return status(world, request, "style")
end

--- A trained model that serves, by its name with or without ".safetensors".
---@return table? task
function training.serving_model(world, name)
  queue.settle(world)
  local task = world.training.by_model[name] or world.training.by_model[name .. ".safetensors"]
  if task and training.state(world, task).model_status == "SERVING" then return task end
  return nil
end

return training
