--- Fuzz target: one request to the emulator's rules, as libmicrohttpd would hand it over.
-- The bytes are lines of text: "METHOD target", headers "Name: value", an empty line, the body.
-- $KEY, $TASK, $IMAGE, $ASSET, $PUT, $GET and $MODEL stand for the key, ids and presigned links
-- of the running emulator. Every response must have a status below 500, or 501 or 503.

local cjson = require("cjson").new()
local rules = require "novita.emulator.rules"

local ROUNDS <const> = 200 -- then a new one is opened
local KEY <const> = "sk_fuzz"
local PHOTO <const> = ("\x89PNG\r\n\x1a\n"):rep(4) -- not an image: the training fails
local OPTIONS <const> = {
  { api_key = KEY, speed = 50, queue_seconds = 0, image_queue_seconds = 0, image_seconds = 0,
    asset_memory = 1 << 20, log_limit = 20, body_limit = 1 << 20, model_bytes = 256 },
  { api_key = KEY, speed = 50, queue_seconds = 0, image_queue_seconds = 0, image_seconds = 0,
    asset_memory = 1 << 20, log_limit = 20, body_limit = 1 << 20, model_bytes = 256, strict = true,
    envelope = true, envelope_results = true, asset_ids = "integer", list_mode = "always_cursor" },
}

local service, marks, age, opened = nil, nil, ROUNDS, 0

local function ask(method, target, body, headers)
  return service.handle {
    method = method, target = target, body = body or "", oversize = false, head = false,
    header_list = headers or { "Authorization", "Bearer " .. KEY, "Host", "127.0.0.1:80",
      "Content-Type", "application/json", "Content-Length", tostring(#(body or "")) },
  }
end

local function json(response)
  local value = cjson.decode(response.body)
  return value.data or value
end

local function target_of(url)
  return (url:gsub("^%a+://[^/]*", ""))
end

local SUBJECT <const> = '{"name":"a","base_model":"v1-5-pruned-emaonly","width":512,"height":512,'
  .. '"image_dataset_items":[{"assets_id":%q,"caption":"x"}],"expert_setting":{"instance_prompt":'
  .. '"a","class_prompt":"b","max_train_steps":100},"components":[{"name":"resize","args":'
  .. '[{"name":"width","value":"512"},{"name":"height","value":"512"}]}]}'
local ORDER <const> = '{"request":{"model_name":"realisticVisionV51_v51VAE_94301.safetensors",'
  .. '"prompt":"a","width":128,"height":128,"image_num":1,"steps":5,"guidance_scale":7.5,'
  .. '"sampler_name":"Euler a","seed":7}}'

local function open()
  age, opened = 0, opened + 1
  service = rules.open(cjson.encode(OPTIONS[opened % #OPTIONS + 1]), 80)
  local asset = json(ask("POST", "/v3/assets/training_dataset", '{"file_extension":"png"}'))
  local put = target_of(asset.upload_url)
  ask("PUT", put, PHOTO, { "Host", "127.0.0.1:80", "Content-Length", tostring(#PHOTO) })
  local id = ("%.0f"):format(tonumber(asset.assets_id) or 0)
  id = type(asset.assets_id) == "string" and asset.assets_id or id
  local task = json(ask("POST", "/v3/training/subject", SUBJECT:format(id)))
  local image = json(ask("POST", "/v3/async/txt2img", ORDER))
  service.control("advance", "[30]")
  local result = json(ask("GET", "/v3/async/task-result?task_id=" .. image.task_id))
  marks = { KEY = KEY, TASK = task.task_id or "none", IMAGE = image.task_id, ASSET = id, PUT = put,
    GET = target_of(result.images[1].image_url), MODEL = "/models/none" }
end

local function parse(bytes)
  bytes = bytes:gsub("%$(%u+)", marks)
  local head, body = bytes:match "^(.-)\r?\n\r?\n(.*)$"
  head, body = head or bytes, body or ""
  local method, target = head:match "^(%S+) (%S*)"
  local headers = {}
  for name, value in head:gmatch "\n([^:\r\n]+):[ \t]*([^\r\n]*)" do
    if #headers < 64 then
      headers[#headers + 1], headers[#headers + 2] = name, value
    end
  end
  return method or "GET", (target or "/"):gsub("\0", ""), body, headers
end

local function check(response)
  while type(response) == "table" and response.wait do response = response.next() end
  assert(type(response) == "table", "no response")
  local status = assert(math.tointeger(response.status), "no status")
  assert(status >= 200 and status < 500 or status == 501 or status == 503, "status " .. status)
  assert(type(response.body) == "string", "no body")
  for i = 2, #response.headers, 2 do
    assert(not tostring(response.headers[i]):find "[\r\n]", "a header ends its line")
  end
end

return function(bytes)
  if age >= ROUNDS then open() end
  age = age + 1
  local method, target, body, headers = parse(bytes)
  if method == "PUT" then -- as C does, about its head first
    service.handle { method = method, target = target, body = "", oversize = false, head = true,
      header_list = headers }
  end
  check(ask(method, target, body, headers))
  if age % 50 == 0 then service.control("ledger", "[null]") end
end
