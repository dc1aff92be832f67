--- A server with /sdapi/v1/txt2img, as a program of novita.httpd: its image is a file, and what it
--- was asked is in another one.

local json = require "novita.json"
local novita_core = require "novita.core"
local support = require "support.client"

local fake = {}

local function respond(value, status)
  return { status = status or 200, headers = { "Content-Type", "application/json" },
    body = json.encode(value) }
end

local routes = {}

routes["GET /sdapi/v1/sd-models"] = function()
  return respond { { title = "v1-5-pruned-emaonly", model_name = "v1-5-pruned-emaonly" } }
end

routes["GET /sdapi/v1/loras"] = function(settings)
  local list = {}
  for i, name in ipairs(settings.refreshed and settings.loras() or {}) do
    list[i] = { name = name, path = name .. ".safetensors" }
  end
  return respond(json.encode(list) == "{}" and { { name = "other" } } or list)
end

routes["POST /sdapi/v1/refresh-loras"] = function(settings)
  settings.refreshed = true
  return respond {}
end

routes["GET /sdapi/v1/progress"] = function()
  return respond { progress = 0.5 }
end

local function image(settings, request)
  settings.log:write(request.target, " ", request.body, "\n")
  settings.log:flush()
  if request.body:find "refuse me" then
    return respond({ detail = "Sampler not found" }, 404)
  end
  local bytes = support.read(settings.image)
  local made = respond { images = { novita_core.base64(bytes) }, info = "" }
  return { wait = settings.seconds, next = function() return made end }
end

routes["POST /sdapi/v1/txt2img"], routes["POST /sdapi/v1/img2img"] = image, image

--- The options are JSON: image, log, models (the folder of the LoRAs), cpp, seconds.
function fake.open(options)
  local settings = json.decode(options)
  settings.log = assert(io.open(settings.log, "a"))
  settings.refreshed = settings.cpp
  settings.loras = function()
    local names = {}
    for path in io.popen("ls " .. settings.models):lines() do
      names[#names + 1] = path:match "^(.*)%.safetensors$"
    end
    return names
  end
  return { handle = function(request)
    if request.head then return { read = -1 } end
    local route = request.method .. " " .. request.target:match "^[^?]*"
    if settings.cpp and route == "GET /sdcpp/v1/capabilities" then return respond { ok = true } end
    local handle = routes[route]
    return handle and handle(settings, request) or respond({ detail = "Not Found" }, 404)
  end }
end

return fake
