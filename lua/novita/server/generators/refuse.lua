--- Checks whether a generator can do an order of images: each returns the reason if it cannot.

local samplers = require "novita.server.generators.samplers"

local refuse = {}

---@param order novita.server.ImageRequest
---@param list (fun(order: novita.server.ImageRequest): string?)[]
---@return string? why the first reason
function refuse.first(order, list)
  for _, check in ipairs(list) do
    local why = check(order)
    if why then
      return why
    end
  end
end

-- No generator here does these.
local FIELDS <const> = { "sd_vae", "restore_faces", "enable_transparent_background", "hires_fix",
  "embeddings", "ip_adapters" }

local function is_asked(value)
  if type(value) == "table" then
    return next(value) ~= nil
  end
  return value and value ~= ""
end

function refuse.fields(order)
  local request, extra = order.request, order.extra
  for _, name in ipairs(FIELDS) do
    if is_asked(request[name]) then
      return ("this server has no %s"):format(name)
    end
  end
  if request.refiner and (request.refiner.switch_at or 1) < 1 then
    return "this server has no refiner"
  elseif request.controlnet and is_asked(request.controlnet.units) then
    return "this server has no controlnet"
  elseif extra.enable_nsfw_detection then
    return "this server detects no NSFW content"
  elseif extra.custom_storage and extra.custom_storage.aws_s3 then
    return "this server has no custom_storage: download the images"
  end
end

--- The prompt of these programs can name files of other accounts, or change settings.
function refuse.tags(order)
  for _, name in ipairs { "prompt", "negative_prompt" } do
    local tag = (order.request[name] or ""):match "<%s*[%w_]+%s*[:>]"
    if tag then
      return ("%s must not have %q: name models in loras"):format(name, tag)
    end
  end
end

function refuse.sides(order)
  for _, side in ipairs { "width", "height" } do
    if order.request[side] % 8 ~= 0 then
      return ("%s must be a multiple of 8 for this generator, got %d"):format(side,
        order.request[side])
    end
  end
end

function refuse.sampler(order)
  local name = order.request.sampler_name
  return not samplers.find(name) and ("stable-diffusion.cpp has no sampler %s"):format(name) or nil
end

return refuse
