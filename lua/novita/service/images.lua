--- txt2img and img2img: creates the tasks and reports their results.

local contents = require "novita.service.contents"
local image_result = require "novita.service.image_result"
local input_images = require "novita.service.input_images"
local json = require "novita.service.json"
local links = require "novita.service.links"
local messages = require "novita.service.messages"
local query = require "novita.service.query"
local responses = require "novita.service.responses"
local validate = require "novita.service.validate"

local images = {}

local function find_loras(service, account, order)
  local loras = {}
  for i, lora in ipairs(order.loras or {}) do
    loras[i] = service.engine:find_lora(account, lora.model_name)
    if not loras[i] then
      return nil, responses.api_error(400, "INVALID_REQUEST_BODY",
        ("lora model %s not found or not serving"):format(lora.model_name))
    end
  end
  return loras
end

-- The test of a webhook: a mock event, no task, no charge.
local function mock_status(webhook)
  local test = webhook and webhook.test_mode
  return test and test.enabled and test.return_task_status or nil
end

--- The order in a request's body.
---@return novita.service.ImageOrder? order
---@return novita.service.Response? refusal
local function read_order(service, request, kind)
  local body, loras, found, refusal
  body, refusal = validate.read(messages[kind], request.object, service.options.strict)
  if not body then return nil, refusal end
  loras, refusal = find_loras(service, request.account, body.request)
  if not loras then return nil, refusal end
  found, refusal = input_images.read(body.request)
  if not found then return nil, refusal end
  input_images.drop_texts(body.request)
  local extra = body.extra or {}
  return { kind = kind, request = body.request, extra = extra, loras = loras, images = found,
    mock_status = mock_status(extra.webhook), user_agent = request.headers["user-agent"] }
end

local function create(service, request, kind)
  local order, refusal = read_order(service, request, kind)
  if not order then return refusal end
  local task, why = service.engine:create_image_task(request.account, order)
  if not task then return responses.refusal(why) end
  local id = service.engine:describe_image_task(task).id
  if order.extra.webhook then service.webhooks:add(id, task, order.extra.webhook.url) end
  local object = json.object("task_id", id)
  return responses.json(service.options.envelope
    and json.object("code", 0, "msg", "", "data", object) or object)
end

--- POST /v3/async/txt2img
---@return novita.service.Response
function images.txt2img(service, request)
  return create(service, request, "txt2img")
end

--- POST /v3/async/img2img
---@return novita.service.Response
function images.img2img(service, request)
  return create(service, request, "img2img")
end

--- GET /v3/async/task-result
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function images.result(service, request)
  local id = query.fields(request.raw_query).task_id
  if not id or id == "" then
    return responses.api_error(400, "VALIDATOR",
      "invalid GetTaskResultRequest.TaskId: value length must be at least 1 runes")
  end
  local task = service.engine:find_image_task(request.account, id)
  if not task then return responses.api_error(404, "TASK_NOT_FOUND", "task not found") end
  local result = image_result.object(service, service.engine:describe_image_task(task))
  return responses.json(service.options.envelope_results
    and json.object("code", 0, "msg", "", "data", result) or result)
end

--- GET of a presigned link to a generated image
---@param service novita.service.Service
---@param request novita.service.Request
---@return novita.service.Response
function images.download(service, request)
  local refusal = links.refusal(service, request)
  if refusal then return refusal end
  local content = service.engine:open_image(request.path)
  return content and contents.send(content) or contents.missing()
end

return images
