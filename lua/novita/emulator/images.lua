--- txt2img and img2img: takes the order, and tells when its pictures are ready.

local responses = require "novita.emulator.responses"
local billing = require "novita.emulator.billing"
local crypto = require "novita.emulator.crypto"
local input_images = require "novita.emulator.input_images"
local identifiers = require "novita.emulator.identifiers"
local json = require "novita.emulator.json"
local messages = require "novita.emulator.messages"
local query = require "novita.emulator.query"
local sigv4 = require "novita.emulator.sigv4"
local training = require "novita.emulator.training"
local validate = require "novita.emulator.validate"
local webhooks = require "novita.emulator.webhooks"

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
      return nil, responses.api_error(400, "INVALID_REQUEST_BODY",
        ("lora model %s not found or not serving"):format(lora.model_name))
    end
  end
  return models
end

local function random_seed()
  return string.unpack("<I4", crypto.random(4)) & 0x7fffffff
end

local function new_task(world, kind, body, models, request)
  local order, now = body.request, world.clock:now()
  local starts = now + world.options.image_queue_seconds
  return {
    id = identifiers.uuid(), kind = kind, created_at = now, order = order,
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

local function task_answer(world, id)
  local object = json.object("task_id", id)
  return responses.json(world.options.envelope
    and json.object("code", 0, "msg", "", "data", object) or object)
end

--- A webhook's test: a mock event, no task, no charge.
local function try_webhook(world, task)
  task.decreed = task.extra.webhook.test_mode.return_task_status
  task.order.image_num = 1
  keep(world, task)
  world.images.by_id[task.id] = nil
  table.remove(world.images.list)
  webhooks.add(world, task, world.clock:now(), images.payload)
  return task_answer(world, task.id)
end

local function start(world, task)
  local refusal = billing.charge(world, world.options.image_price * task.order.image_num)
  if refusal then return refusal end
  keep(world, task)
  if task.extra.webhook then webhooks.add(world, task, task.ends_at, images.payload) end
  return task_answer(world, task.id)
end

local function create(world, request, kind)
  local body, refusal = validate.read(messages[kind], request.object, world.options.strict)
  if not body then return refusal end
  local models, photos
  models, refusal = find_loras(world, body.request)
  if not models then return refusal end
  photos, refusal = input_images.read(body.request)
  if not photos then return refusal end
  local task = new_task(world, kind, body, models, request)
  task.photos = photos
  local test = task.extra.webhook and task.extra.webhook.test_mode
  return (test and test.enabled and try_webhook or start)(world, task)
end

--- POST /v3/async/txt2img
---@return novita.emulator.Answer
function images.txt2img(world, request)
  return create(world, request, "txt2img")
end

--- POST /v3/async/img2img
---@return novita.emulator.Answer
function images.img2img(world, request)
  return create(world, request, "img2img")
end

--- status, percent, eta
function images.state(world, task)
  local now = world.clock:now()
  if task.decreed then return task.decreed, 0, 0 end
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
    task.extra.enable_nsfw_detection
      and json.object("valid", true, "confidence", world.options.nsfw_confidence) or json.null)
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

local TASK_TYPES = { txt2img = "TXT_TO_IMG", img2img = "IMG_TO_IMG" }
local FAILED = "TASK_STATUS_FAILED"

local function extra_of(task, status, more)
  return json.object("seed", tostring(task.seed),
    "enable_nsfw_detection", task.extra.enable_nsfw_detection or false,
    "debug_info", debug_info(task, status), table.unpack(more or {}))
end

local function result_of(world, task, more)
  local status, percent, eta = images.state(world, task)
  local pictures = json.list {}
  if status == "TASK_STATUS_SUCCEED" then
    for i, path in ipairs(task.paths) do pictures[i] = picture_entry(world, task, path) end
  end
  return json.object(
    "extra", extra_of(task, status, more),
    "task", json.object("task_id", task.id, "status", status,
      "reason", status == FAILED and "failed because it was told to" or "",
      "task_type", TASK_TYPES[task.kind], "eta", math.ceil(eta), "progress_percent", percent),
    "images", pictures, "videos", json.list {}, "audios", json.list {})
end

--- What a webhook's event carries: the result, and where it was sent.
function images.payload(world, task)
  return result_of(world, task,
    { "webhook", json.object("url", task.extra.webhook.url) })
end

--- GET /v3/async/task-result
---@return novita.emulator.Answer
function images.result(world, request)
  local id = query.fields(request.raw_query).task_id
  if not id or id == "" then
    return responses.api_error(400, "VALIDATOR",
      "invalid GetTaskResultRequest.TaskId: value length must be at least 1 runes")
  end
  local task = world.images.by_id[id]
  if not task then return responses.api_error(404, "TASK_NOT_FOUND", "task not found") end
  local result = result_of(world, task)
  return responses.json(world.options.envelope_results
    and json.object("code", 0, "msg", "", "data", result) or result)
end

return images
