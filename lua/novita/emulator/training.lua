--- Training tasks: creates them and reports their progress.

local responses = require "novita.service.responses"
local account = require "novita.emulator.account"
local history = require "novita.service.history"
local identifiers = require "novita.service.identifiers"
local json = require "novita.service.json"
local messages = require "novita.service.messages"
local query = require "novita.service.query"
local queue = require "novita.emulator.queue"
local validate = require "novita.service.validate"

local NEVER = 1e15 -- seconds; a longer ETA is omitted

local training = {}

function training.new()
  return { by_id = {}, by_model = {}, list = {}, count = 0, waiting = {}, head = 1, tail = 0,
    slots = {} }
end

local function asset_ids(body)
  local ids = {}
  for i, item in ipairs(body.image_dataset_items) do ids[i] = item.assets_id end
  return ids
end

local function new_task(state, kind, body, request)
  return {
    id = identifiers.uuid(), name = body.name, kind = kind, created_at = state.clock:now(),
    body = body, expert = body.expert_setting or {}, asset_ids = asset_ids(body),
    user_agent = request.headers["user-agent"],
  }
end

local function refused_assets(state, task)
  local why = state.options.bad_asset == "reject" and queue.bad_asset(state, task)
  return why and responses.api_error(400, "INVALID_REQUEST_BODY", why) or nil
end

local ENDED = { SERVING = true, FAILED = true, CANCELED = true }

-- A task that waits is still in the queue, even if a script has ended it.
local function trim(state)
  local all = state.training
  history.trim(all, state.options.history_limit, function(old)
    local progress = training.progress(state, old)
    return (old.skipped or old.started_at or old.failed_at)
      and ENDED[progress.model_status or progress.status]
  end, function(old)
    all.by_id[old.id] = nil
    if old.model_name then all.by_model[old.model_name] = nil end
  end)
end

local function create(state, request, kind)
  local body, refusal = validate.read(messages[kind], request.object, state.options.strict)
  if not body then return refusal end
  queue.settle(state)
  local task = new_task(state, kind, body, request)
  refusal = refused_assets(state, task) or account.charge(state, state.options.training_price)
  if refusal then return refusal end
  local all = state.training
  all.count = all.count + 1
  task.number = all.count
  all.by_id[task.id] = task
  all.list[#all.list + 1] = task
  queue.add(state, task)
  trim(state)
  return responses.json(json.object("task_id", task.id))
end

--- POST /v3/training/subject
function training.new_subject(state, request)
  return create(state, request, "subject")
end

--- POST /v3/training/style
function training.new_style(state, request)
  return create(state, request, "style")
end

local function round(number)
  return math.floor(number * 100 + 0.5) / 100
end

local function known_eta(seconds)
  return seconds < NEVER and round(seconds) or nil
end

local function waiting_progress(state, task, now)
  local eta = math.max(queue.expected_start(state, task) - now, 0) + queue.duration(state, task)
  return { status = "QUEUING", percent = 0, eta = known_eta(eta) }
end

local function running_progress(task, now)
  local share = math.max(now - task.started_at, 0) / (task.ends_at - task.started_at)
  return { status = "TRAINING", percent = round(share * 100), eta = known_eta(task.ends_at - now) }
end

--- The progress of a task: status, percent, eta (may be nil), model_status (may be nil).
---@return { status: string, percent: number, eta: number?, model_status: string? }
function training.progress(state, task)
  local now = state.clock:now()
  if task.forced_status then return { status = task.forced_status, percent = 0 } end
  if task.failed_at then return { status = "FAILED", percent = 0 } end
  if not task.started_at then return waiting_progress(state, task, now) end
  if now < task.ends_at then return running_progress(task, now) end
  return { status = "SUCCESS", percent = 100, eta = 0,
    model_status = now < task.serves_at and "DEPLOYING" or "SERVING" }
end

--- The `models` of a response.
function training.models(task, progress)
  if not progress.model_status then return json.list {} end
  return json.list { json.object("model_name", task.model_name,
    "model_status", progress.model_status) }
end

--- The task id of a GET: from the query, or from a JSON body unless strict.
local function wanted_id(state, request)
  local id = query.fields(request.raw_query).task_id
  if not id and not state.options.strict and request.body ~= "" then
    local object = json.decode_object(request.body)
    id = object and object.task_id
  end
  return type(id) == "string" and id ~= "" and id or nil
end

--- Finds the task of a GET.
---@return table? task
---@return novita.service.Response? refusal
local function find(state, request, kind)
  local id = wanted_id(state, request)
  if not id then
    return nil, responses.api_error(400, "VALIDATOR",
      "invalid GetTrainingTaskRequest.TaskId: value length must be at least 1 runes")
  end
  local task = state.training.by_id[id]
  if task and task.kind == kind then return task end
  return nil, responses.api_error(404, "TASK_NOT_FOUND", "task not found")
end

local function status(state, request, kind)
  queue.settle(state)
  local task, refusal = find(state, request, kind)
  if not task then return refusal end
  local progress = training.progress(state, task)
  return responses.json(json.object(
    "task_id", task.id,
    "task_status", progress.status,
    "model_type", state.options.model_type,
    "models", training.models(task, progress),
    "extra", json.object("eta_relative", progress.eta, "progress_percent", progress.percent)))
end

--- GET /v3/training/subject
function training.subject_status(state, request)
  return status(state, request, "subject")
end

--- GET /v3/training/style
function training.style_status(state, request)
  return status(state, request, "style")
end

--- The training of a serving model, by the name of the model with or without ".safetensors".
---@return table? task
function training.serving_model(state, name)
  queue.settle(state)
  local task = state.training.by_model[name] or state.training.by_model[name .. ".safetensors"]
  if task and training.progress(state, task).model_status == "SERVING" then return task end
  return nil
end

return training
