--- The facts of the page about the fields of requests: from the tables that requests are checked
--- with, so that both always agree.

local base_models = require "novita.fields.base_models"
local json = require "novita.playground.json"
local presets = require "novita.forms.presets"
local schema = require "novita.schema.schema"
local subject = require "novita.fields.subject_training"
local style = require "novita.fields.style_training"
local training = require "novita.fields.training"
local txt2img = require "novita.fields.txt2img"

local facts = {}

local function field_of(rule)
  return { name = rule.name, type = rule.type, min = rule.min, max = rule.max, above = rule.above,
    unit = rule.unit, doc = rule.doc, default = rule.default, open = rule.open,
    values = rule.values and json.list(table.move(rule.values, 1, #rule.values, 1, {})) }
end

-- Those that the page has at another place.
local ELSEWHERE <const> = { instance_prompt = true, class_prompt = true }

local function expert_fields(definition)
  local fields = json.list {}
  for _, rule in ipairs(schema.field(definition, "expert_setting").fields) do
    if not ELSEWHERE[rule.name] and not rule.undocumented then
      fields[#fields + 1] = field_of(rule)
    end
  end
  return fields
end

local IMAGE_FIELDS <const> = { "prompt", "negative_prompt", "width", "height", "image_num", "steps",
  "guidance_scale", "sampler_name", "seed", "clip_skip", "restore_faces" }

local function image_fields()
  local fields = json.list {}
  for index, name in ipairs(IMAGE_FIELDS) do
    fields[index] = field_of(schema.field(txt2img, name))
  end
  return fields
end

local made

--- All of it.
---@return table
function facts.all()
  made = made or { expert = { subject = expert_fields(subject), style = expert_fields(style) },
    presets = { face = presets.known.face.expert, style = presets.known.style.expert },
    base_models = json.list(table.move(base_models, 1, #base_models, 1, {})),
    images = image_fields(), photos_most = training.images_most,
    steps_per_photo = presets.steps(1), steps_most = presets.steps(training.images_most) }
  return made
end

local settings = { kind = true, name = true, base_model = true, size = true, caption = true,
  instance_prompt = true }
for _, definition in ipairs { subject, style } do
  for _, field in ipairs(expert_fields(definition)) do settings[field.name] = true end
end

--- Whether the setup has a setting of this name.
---@param name any
---@return boolean
function facts.is_setting(name)
  return settings[name] or false
end

return facts
