--- From what the page has to the params of a training or of images. The library checks the values.

local facts = require "novita.playground.facts"

local forms = {}

local PRESETS <const> = { face = "face", style = "style" }

local function given(value)
  if type(value) == "string" then
    value = value:gsub("^%s+", ""):gsub("%s+$", "")
  end
  return value ~= "" and value or nil
end

local function expert_of(settings, task_type)
  local values = {}
  for _, field in ipairs(facts.all().expert[task_type]) do
    local value = given(settings[field.name])
    local is_number = field.type == "integer" or field.type == "number"
    values[field.name] = is_number and tonumber(value) or value
  end
  return values
end

--- The params of a training, without its photos.
---@param settings table of the setup
---@return table
function forms.training(settings)
  local task_type = settings.kind == "style" and "style" or "subject"
  local form = expert_of(settings, task_type)
  form.task_type, form.preset = task_type, PRESETS[settings.kind]
  form.name, form.base_model = given(settings.name), given(settings.base_model)
  form.size = math.tointeger(tonumber(settings.size)) or settings.size
  form.caption = given(settings.caption)
  form.instance_prompt = given(settings.instance_prompt)
  form.max_train_steps = form.max_train_steps or "auto"
  return form
end

local IMAGE_FIELDS <const> = { "model_name", "prompt", "negative_prompt", "sampler_name",
  "restore_faces" }
local IMAGE_NUMBERS <const> = { "width", "height", "image_num", "steps", "guidance_scale", "seed",
  "clip_skip" }

--- The params of images.
---@param written table of the page
---@return table
function forms.images(written)
  local params = { loras = {} }
  for _, name in ipairs(IMAGE_FIELDS) do params[name] = given(written[name]) end
  for _, name in ipairs(IMAGE_NUMBERS) do params[name] = tonumber(written[name]) end
  for index, lora in ipairs(type(written.loras) == "table" and written.loras or {}) do
    params.loras[index] = { model_name = lora.model_name, strength = tonumber(lora.strength) }
  end
  params.loras = params.loras[1] and params.loras or nil
  return params
end

return forms
