--- The bodies of /sdapi/v1/txt2img and img2img, for AUTOMATIC1111's WebUI and Forge, and for the
--- server of stable-diffusion.cpp, which names LoRAs and samplers otherwise.

local refuse = require "novita.server.generators.refuse"
local samplers = require "novita.server.generators.samplers"

local sdapi = {}

local FIELDS <const> = {
  { "negative_prompt", "negative_prompt" },
  { "width", "width" },
  { "height", "height" },
  { "steps", "steps" },
  { "guidance_scale", "cfg_scale" },
  { "strength", "denoising_strength" },
}

function sdapi.refusal(order)
  return refuse.first(order, { refuse.fields, refuse.tags, refuse.sides })
end

--- Why the server of stable-diffusion.cpp cannot do an order. That it is this server is known only
--- when it is asked.
---@param order table of a job
---@return string?
function sdapi.refusal_of_cpp(order)
  return refuse.sampler { request = order, extra = {} }
end

local function for_webui(body, order, loras, checkpoint)
  for i, lora in ipairs(loras) do
    body.prompt = ("%s <lora:%s:%g>"):format(body.prompt, lora.name, order.loras[i].strength)
  end
  body.sampler_name = order.sampler_name
  body.override_settings = { sd_model_checkpoint = checkpoint,
    CLIP_stop_at_last_layers = order.clip_skip }
  body.do_not_save_samples, body.do_not_save_grid = true, true
end

local function for_cpp(body, order, loras)
  body.lora = {}
  for i, lora in ipairs(loras) do
    body.lora[i] = { path = lora.path, multiplier = order.loras[i].strength }
  end
  body.lora = body.lora[1] and body.lora or nil
  body.sampler_name, body.scheduler = samplers.find(order.sampler_name)
  body.clip_skip = order.clip_skip
end

---@param order table of a job
---@param number integer which image of the order, from 1
---@param server { cpp: boolean, loras: table[], checkpoint: string } what the server says of itself
---@param input? string the initial image in base64
---@return table body
function sdapi.body(order, number, server, input)
  local body = { prompt = order.prompt, seed = order.seed + number - 1, batch_size = 1, n_iter = 1,
    init_images = input and { input } or nil }
  for _, row in ipairs(FIELDS) do
    body[row[2]] = order[row[1]]
  end
  local add = server.cpp and for_cpp or for_webui
  add(body, order, server.loras, server.checkpoint)
  return body
end

return sdapi
