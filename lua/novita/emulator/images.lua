--- txt2img: takes the order, and tells when its pictures are ready.

local answers = require "novita.emulator.answers"
local billing = require "novita.emulator.billing"
local host = require "novita.emulator.host"
local identifiers = require "novita.emulator.identifiers"
local json = require "novita.emulator.json"
local messages = require "novita.emulator.messages"
local query = require "novita.emulator.query"
local sigv4 = require "novita.emulator.sigv4"
local training = require "novita.emulator.training"
local validate = require "novita.emulator.validate"

local images = {}

function images.new()
  return { by_id = {}, list = {}, by_path = {} }
end

--- The trainings behind the order's LoRAs.
local function find_loras(world, order)
  local models = {}
  for i, lora in ipairs(order.loras or {}) do
    models[i] = training.serving_model(world, lora.model_name)
    if not models[i] then
      return nil, answers.api_error(400, "INVALID_REQUEST_BODY",
        ("lora model %s not found or not serving"):format(lora.model_name))
    end
  end
  return models
end

local function random_seed()
  return string.unpack("<I4", host.random(4)) & 0x7fffffff
end

local function new_task(world, body, models, request)
  local order, now = body.request, world.clock:now()
  local starts = now + world.options.image_queue_seconds
  return {
    id = identifiers.uuid(), kind = "txt2img", created_at = now, order = order,
    extra = body.extra or {}, models = models, starts_at = starts,
    ends_at = starts + world.options.image_seconds * order.image_num,
    seed = (order.seed or -1) >= 0 and order.seed or random_seed(),
    format = (body.extra or {}).response_image_type or "png",
    user_agent = request.headers["user-agent"],
  }
end

local function keep(world, task)
  local all = world.images
  all.by_id[task.id] = task
  all.list[#all.list + 1] = task
  task.paths = {}
  for i = 1, task.order.image_num do
    local path = ("/output-image/%s-%d.%s"):format(task.id, i, task.format)
    task.paths[i] = path
    all.by_path[path] = { task = task, index = i }
  end
end

--- POST /v3/async/txt2img
---@return novita.emulator.Answer
function images.create(world, request)
  local body, refusal = validate.read(messages.txt2img, request.object, world.options.strict)
  if not body then return refusal end
  local models
  models, refusal = find_loras(world, body.request)
  if not models then return refusal end
  refusal = billing.charge(world, world.options.image_price * body.request.image_num)
  if refusal then return refusal end
  local task = new_task(world, body, models, request)
  keep(world, task)
  local id = json.object("task_id", task.id)
  return answers.json(world.options.envelope
    and json.object("code", 0, "msg", "", "data", id) or id)
end

--- status, percent, eta
function images.state(world, task)
  local now = world.clock:now()
  if now < task.starts_at then return "TASK_STATUS_QUEUED", 0, task.ends_at - now end
  if now >= task.ends_at then return "TASK_STATUS_SUCCEED", 100, 0 end
  local share = (now - task.starts_at) / (task.ends_at - task.starts_at)
  return "TASK_STATUS_PROCESSING", math.floor(share * 100), task.ends_at - now
end

local function picture_entry(world, task, path)
  local url = sigv4.presign(world.credentials, {
    method = "GET", scheme = "http", host = world.storage_host, path = path,
    at = world.clock:now(), expires = world.options.result_ttl, operation = "GetObject",
  })
  return json.object("image_url", url, "image_url_ttl", tostring(world.options.result_ttl),
    "image_type", task.format, "nsfw_detection_result",
    task.extra.enable_nsfw_detection and json.object("valid", true, "confidence", 0) or json.null)
end

local function milliseconds(at)
  return ("%d"):format(math.floor(at * 1000))
end

local function debug_info(task, status)
  local done = status == "TASK_STATUS_SUCCEED"
  return json.object("request_info", "", "submit_time_ms", milliseconds(task.created_at),
    "execute_time_ms", status ~= "TASK_STATUS_QUEUED" and milliseconds(task.starts_at) or "",
    "complete_time_ms", done and milliseconds(task.ends_at) or "")
end

local function result_of(world, task)
  local status, percent, eta = images.state(world, task)
  local pictures = json.list {}
  if status == "TASK_STATUS_SUCCEED" then
    for i, path in ipairs(task.paths) do pictures[i] = picture_entry(world, task, path) end
  end
  return json.object(
    "extra", json.object("seed", tostring(task.seed),
      "enable_nsfw_detection", task.extra.enable_nsfw_detection or false,
      "debug_info", debug_info(task, status)),
    "task", json.object("task_id", task.id, "status", status, "reason", "",
      "task_type", "TXT_TO_IMG", "eta", math.ceil(eta), "progress_percent", percent),
    "images", pictures, "videos", json.list {}, "audios", json.list {})
end

--- GET /v3/async/task-result
---@return novita.emulator.Answer
function images.result(world, request)
  local id = query.fields(request.raw_query).task_id
  if not id or id == "" then
    return answers.api_error(400, "VALIDATOR",
      "invalid GetTaskResultRequest.TaskId: value length must be at least 1 runes")
  end
  local task = world.images.by_id[id]
  if not task then return answers.api_error(404, "TASK_NOT_FOUND", "task not found") end
  return answers.json(result_of(world, task))
end

return images
