--- Orders of images: whether this server can do them, and what is kept of them.

local counted = require "novita.base.counted"
local crypto = require("novita.service.core").crypto
local files = require "novita.server.files"
local generators = require "novita.server.generators"
local identifiers = require "novita.service.identifiers"
local json = require "novita.json"
local room = require "novita.server.room"
local sendable = require "novita.image.sendable"
local webhooks = require "novita.service.webhooks"

local image_orders = {}

---@param engine novita.server.Engine
---@param id string
---@return string
function image_orders.folder(engine, id)
  return ("%s/images/%s"):format(engine.folder, id)
end

--- The name of its base model.
---@param request table
---@return string
function image_orders.base_name(request)
  return (request.model_name:gsub("%.safetensors$", ""))
end

local function refusal(message)
  return { status = 400, reason = "INVALID_REQUEST_BODY", message = message }
end

-- The client waits and asks again.
local function full(engine, account)
  local limit = engine.store:queue_limit(account) or engine.options.queue_limit
  return engine.image_slots.queue:count(tostring(account)) >= limit and {
    status = 429, reason = "RATE_LIMIT_EXCEEDED",
    message = counted(limit, "image task") .. " of this key may wait, and no more",
  } or room.refusal(engine)
end

local function family_of(engine, training)
  local body = json.decode(training.body)
  local base = engine.options.base_models[body.base_model]
  return base and base.family
end

--- Why this server cannot do an order.
---@param engine novita.server.Engine
---@param order novita.server.ImageRequest with `loras`
---@return string? why one line for a person
function image_orders.fault(engine, order)
  local base = engine.options.base_models[image_orders.base_name(order.request)]
  if not base then
    return ("this server has no base model %s"):format(order.request.model_name)
  end
  for _, lora in ipairs(order.loras) do
    local family = family_of(engine, lora)
    if family ~= nil and family ~= base.family then
      return ("the lora %s is for another base model than %s"):format(lora.model,
        order.request.model_name)
    end
  end
  return generators.refusal(engine.options.generator, order)
end

-- A webhook goes to a program of this machine, also to one that only its own users should reach.
local function webhook_fault(engine, order)
  local webhook, options = order.extra.webhook, engine.options
  if not webhook then
    return nil
  elseif options.public_url or not (options.address:find "^127%." or options.address == "::1") then
    return "this server posts no webhooks, because other machines can reach it: ask for the result"
  elseif not webhooks.is_here(webhook.url) then
    return "the URL of a webhook must lead to the machine of this server: http://127.0.0.1:PORT/..."
  end
end

-- A file in the folder of the task; both are on the disk afterwards.
local function make_folder(engine, id, order)
  local folder = image_orders.folder(engine, id)
  local done, err = files.make_folder(folder)
  local name = nil
  if done and order.images[1] then
    name = "input." .. sendable { bytes = order.images[1] }.format
    done, err = files.write(("%s/%s"):format(folder, name), order.images[1])
  end
  done, err = done and files.sync_folder(folder), err
  done, err = done and files.sync_folder(engine.folder .. "/images"), err
  if not done then
    error(err, 0)
  end
  return name
end

local function loras_of(order)
  local list = {}
  for i, lora in ipairs(order.loras) do
    list[i] = { file = lora.model, strength = order.request.loras[i].strength }
  end
  return list
end

local function seed_of(request)
  local seed = request.seed or -1
  return seed >= 0 and seed or string.unpack("<I4", crypto.random(4)) & 0x7fffffff
end

-- The test of a webhook: it is not listed, and nothing is made.
local function mock(engine, order)
  return { id = identifiers.uuid(), kind = order.kind, mock = true, seed = 0,
    status = order.mock_status:match "TASK_STATUS_(%u+)", created_at = engine:now(),
    body = json.encode { request = { image_num = 0 }, extra = order.extra } }
end

--- Accepts an order of images: it is on the disk. A mock of a webhook is not.
---@param engine novita.server.Engine
---@param account integer
---@param order novita.service.ImageOrder
---@return novita.server.ImageRow?
---@return novita.service.Refusal?
function image_orders.accept(engine, account, order)
  if not engine.options.generator then
    return nil, refusal "this server makes no images: it has no generator"
  end
  local why = webhook_fault(engine, order)
  if not why and order.mock_status then
    return mock(engine, order)
  end
  why = why or image_orders.fault(engine, order)
  local refused = why and refusal(why) or full(engine, account)
  if refused then
    return nil, refused
  end
  local id = identifiers.uuid()
  local input = make_folder(engine, id, order)
  engine.store.images:add { id = id, account = account, kind = order.kind,
    seed = seed_of(order.request), created_at = engine:now(),
    webhook = order.extra.webhook and order.extra.webhook.url,
    body = json.encode { request = order.request, extra = order.extra, input = input,
      loras = loras_of(order) } }
  return engine.store.images:any(id)
end

return image_orders
