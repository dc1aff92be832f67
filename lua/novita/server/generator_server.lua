--- Makes images with a server that has /sdapi/v1/txt2img: AUTOMATIC1111's WebUI, Forge, or the
--- server of stable-diffusion.cpp. One request for each image, so that there is progress.

local crypto = require("novita.service.core").crypto
local failure = require "novita.server.failure"
local files = require "novita.server.files"
local groups = require "novita.async.group"
local http_call = require "novita.server.http_call"
local novita_core = require "novita.core"
local sdapi = require "novita.server.generators.sdapi"
local sleep = require "novita.async.sleep"

local failed = failure.of_a "generator"

local generator_server = {}

local POLL <const> = 0.5 -- seconds between two questions for the progress

-- {====== what the server has ======

-- A WebUI would silently use another model, or none: nothing may be left to it.
local function find_checkpoint(call, wanted)
  local status, list = call:get "/sdapi/v1/sd-models"
  if status ~= 200 or type(list) ~= "table" then
    return nil, status and failed("response", "has no list of models at /sdapi/v1/sd-models")
      or list
  end
  for _, model in ipairs(list) do
    if model.title == wanted or model.model_name == wanted then
      return model.title or model.model_name
    end
  end
  return nil, failed("checkpoint", ("has no model %s"):format(wanted))
end

local function loras_of(call)
  local status, list = call:get "/sdapi/v1/loras"
  local by_name = {}
  for _, lora in ipairs(status == 200 and type(list) == "table" and list or {}) do
    by_name[lora.name or ""] = lora
  end
  return by_name
end

local function find_loras(call, order)
  local found, known = {}, order.loras[1] and loras_of(call) or {}
  for i, lora in ipairs(order.loras) do
    if not known[lora.name] then
      call:post("/sdapi/v1/refresh-loras", {})
      known = loras_of(call)
    end
    found[i] = known[lora.name]
    if not found[i] then
      return nil, failed("lora", ("does not have %s: let it read the LoRAs of the folder %s")
        :format(lora.name, lora.path:match "^(.*)/"))
    end
  end
  return found
end

local function look_at(call, order)
  local status, err = call:get "/sdcpp/v1/capabilities"
  if not status then
    return nil, err
  end
  local server = { cpp = status == 200 }
  local why = server.cpp and sdapi.refusal_of_cpp(order)
  if why then
    return nil, failed("request", "cannot do this: " .. why)
  end
  server.checkpoint, err = find_checkpoint(call, order.checkpoint)
  if not server.checkpoint then
    return nil, err
  end
  server.loras, err = find_loras(call, order)
  return server.loras and server, err
end

-- }======

-- Asks for the progress while an image is made; a server without it ends this.
local function follow(call, job, before)
  while true do
    sleep(call.client.loop, POLL)
    local status, body = call:get "/sdapi/v1/progress?skip_current_image=true"
    local share = status == 200 and type(body) == "table" and tonumber(body.progress)
    if not share then
      return
    end
    job.on_progress((before + math.max(0, math.min(share, 1))) / job.order.image_num)
  end
end

local function reason_of(status, body)
  local text = type(body) == "table" and (body.detail or body.message or body.error)
  return failed("response", ("has responded with status %d%s"):format(status,
    type(text) == "string" and ": " .. text:gsub("%c", " "):sub(1, 300) or ""))
end

local function image_of(status, body)
  if status ~= 200 then
    return nil, reason_of(status, body)
  end
  local text = type(body) == "table" and type(body.images) == "table" and body.images[1]
  local bytes = type(text) == "string" and crypto.from_base64((text:gsub("^data:[^,]*,", "")))
  if not bytes then
    return nil, failed("response", "has responded without an image")
  end
  return bytes
end

local function make(call, job, server, number)
  local input = job.order.input and novita_core.base64(files.read(job.order.input))
  local path = "/sdapi/v1/" .. job.order.kind
  local group <close> = groups.new(call.client.loop, { collect = true })
  local following = group:spawn(follow, call, job, number - 1)
  local status, body = call:post(path, sdapi.body(job.order, number, server, input),
    job.timeout)
  following:cancel()
  if not status then
    return nil, body
  end
  return image_of(status, body)
end

local function make_and_keep(call, job, server, number)
  local bytes, err = make(call, job, server, number)
  if not bytes then
    return nil, err
  end
  job.on_progress(number / job.order.image_num)
  return files.write(("%s/out/%04d.image"):format(job.folder, number), bytes)
end

--- Makes the images of a job. In a coroutine.
---@param url string
---@param job novita.server.ImageJob
---@return boolean? done
---@return novita.Error? err
function generator_server.run(url, job)
  local call <close> = http_call.new(url)
  local server, err = look_at(call, job.order)
  if not server then
    return nil, err
  end
  for number = 1, job.order.image_num do
    local done, why = make_and_keep(call, job, server, number)
    if not done then
      return nil, why
    end
  end
  return true
end

return generator_server
