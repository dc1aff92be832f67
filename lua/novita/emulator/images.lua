--- txt2img and img2img: creates the tasks and reports their progress and results.

local responses = require "novita.service.responses"
local account = require "novita.emulator.account"
local crypto = require "novita.service.crypto"
local input_images = require "novita.service.input_images"
local identifiers = require "novita.service.identifiers"
local history = require "novita.service.history"
local json = require "novita.service.json"
local messages = require "novita.service.messages"
local public_models = require "novita.emulator.public_models"
local query = require "novita.service.query"
local sigv4 = require "novita.service.sigv4"
local training = require "novita.emulator.training"
local validate = require "novita.service.validate"
local webhooks = require "novita.service.webhooks"

local FINAL = { TASK_STATUS_SUCCEED = true, TASK_STATUS_FAILED = true }

local images = {}

function images.new()
  return { by_id = {}, list = {}, by_path = {}, mocks = { list = {} }, held = 0, pictured = {} }
end

--- The trainings of the order's LoRAs; a public LoRA has no photos.
local function find_loras(state, order)
  local models = {}
  for i, lora in ipairs(order.loras or {}) do
    models[i] = training.serving_model(state, lora.model_name)
      or public_models.lora(state, lora.model_name)
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

local function new_task(state, kind, body, models, request)
  local order, now = body.request, state.clock:now()
  local starts = now + state.options.image_queue_seconds
  return {
    id = identifiers.uuid(), kind = kind, created_at = now, order = order,
    extra = body.extra or {}, models = models, starts_at = starts,
    ends_at = starts + state.options.image_seconds * order.image_num,
    seed = (order.seed or -1) >= 0 and order.seed or random_seed(),
    format = (body.extra or {}).response_image_type or "png",
    user_agent = request.headers["user-agent"],
  }
end

-- The oldest entries of a store are dropped; mock tasks of webhooks have a separate store.
local function remember(state, store, task)
  store.list[#store.list + 1] = task
  local now, all = state.clock:now(), state.images
  history.trim(store, state.options.history_limit,
    function(old) return FINAL[old.forced_status] or now >= old.ends_at end,
    function(old)
      all.by_id[old.id] = nil
      for _, path in ipairs(old.paths) do all.by_path[path] = nil end
    end)
end

-- The photos of requests are kept for the results, up to the same size as those of trainings.
local function keep_photos(state, task)
  local all = state.images
  if #task.photos == 0 then return end
  for _, bytes in ipairs(task.photos) do all.held = all.held + #bytes end
  table.insert(all.pictured, task)
  while all.held > state.options.asset_memory and #all.pictured > 0 do
    local old = table.remove(all.pictured, 1)
    for _, bytes in ipairs(old.photos) do all.held = all.held - #bytes end
    old.photos = {}
  end
end

local function keep(state, store, task)
  local all = state.images
  if store == all then all.by_id[task.id] = task end
  keep_photos(state, task)
  task.paths = {}
  for i = 1, task.order.image_num do
    local path = ("/output-image/%s-%d.%s"):format(task.id, i, task.format)
    task.paths[i] = path
    all.by_path[path] = { task = task, index = i }
  end
  remember(state, store, task)
end

local function task_response(state, id)
  local object = json.object("task_id", id)
  return responses.json(state.options.envelope
    and json.object("code", 0, "msg", "", "data", object) or object)
end

--- A test of a webhook: a mock event, no task, no charge.
local function try_webhook(state, task)
  task.forced_status = task.extra.webhook.test_mode.return_task_status
  task.order.image_num = 1
  keep(state, state.images.mocks, task)
  webhooks.add(state, task, state.clock:now(), images.payload)
  return task_response(state, task.id)
end

local function start(state, task)
  local refusal = account.charge(state, state.options.image_price * task.order.image_num)
  if refusal then return refusal end
  keep(state, state.images, task)
  if task.extra.webhook then webhooks.add(state, task, task.ends_at, images.payload) end
  return task_response(state, task.id)
end

local function create(state, request, kind)
  local body, refusal = validate.read(messages[kind], request.object, state.options.strict)
  if not body then return refusal end
  local models, photos
  models, refusal = find_loras(state, body.request)
  if not models then return refusal end
  photos, refusal = input_images.read(body.request)
  if not photos then return refusal end
  local task = new_task(state, kind, body, models, request)
  task.photos = photos
  input_images.drop_texts(task.order)
  local test = task.extra.webhook and task.extra.webhook.test_mode
  return (test and test.enabled and try_webhook or start)(state, task)
end

--- POST /v3/async/txt2img
---@return novita.service.Response
function images.txt2img(state, request)
  return create(state, request, "txt2img")
end

--- POST /v3/async/img2img
---@return novita.service.Response
function images.img2img(state, request)
  return create(state, request, "img2img")
end

--- status, percent, eta
function images.progress(state, task)
  local now = state.clock:now()
  if task.forced_status then return task.forced_status, 0, 0 end
  if now < task.starts_at then return "TASK_STATUS_QUEUED", 0, task.ends_at - now end
  if now >= task.ends_at then return "TASK_STATUS_SUCCEED", 100, 0 end
  local share = (now - task.starts_at) / (task.ends_at - task.starts_at)
  return "TASK_STATUS_PROCESSING", math.floor(share * 100), task.ends_at - now
end

local function link_entry(state, task, path)
  local url = sigv4.presign(state.credentials, {
    method = "GET", scheme = "http", host = state.storage_host, path = path,
    at = state.clock:now(), expires = state.options.result_ttl, operation = "GetObject",
  })
  return json.object("image_url", url, "image_url_ttl", tostring(state.options.result_ttl),
    "image_type", task.format, "nsfw_detection_result",
    task.extra.enable_nsfw_detection
      and json.object("valid", true, "confidence", state.options.nsfw_confidence) or json.null)
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

local function result_of(state, task, more)
  local status, percent, eta = images.progress(state, task)
  local links = json.list {}
  if status == "TASK_STATUS_SUCCEED" then
    for i, path in ipairs(task.paths) do links[i] = link_entry(state, task, path) end
  end
  return json.object(
    "extra", extra_of(task, status, more),
    "task", json.object("task_id", task.id, "status", status,
      "reason", status == FAILED and "failed by set_status" or "",
      "task_type", TASK_TYPES[task.kind], "eta", math.ceil(eta), "progress_percent", percent),
    "images", links, "videos", json.list {}, "audios", json.list {})
end

--- The payload of a webhook's event: the result, and the URL of the webhook.
function images.payload(state, task)
  return result_of(state, task,
    { "webhook", json.object("url", task.extra.webhook.url) })
end

--- GET /v3/async/task-result
---@return novita.service.Response
function images.result(state, request)
  local id = query.fields(request.raw_query).task_id
  if not id or id == "" then
    return responses.api_error(400, "VALIDATOR",
      "invalid GetTaskResultRequest.TaskId: value length must be at least 1 runes")
  end
  local task = state.images.by_id[id]
  if not task then return responses.api_error(404, "TASK_NOT_FOUND", "task not found") end
  local result = result_of(state, task)
  return responses.json(state.options.envelope_results
    and json.object("code", 0, "msg", "", "data", result) or result)
end

return images
