--- Settings that Novita's own playground trains with: a face and a style. They fill in what a
--- form leaves open and never replace what it says. The pages document no defaults of their own.

local usage_error = require "novita.schema.usage_error"

local presets = {}

local photos_steps, steps_most = 200, 2000 -- the playground's rule for the number of steps

---@class novita.Preset
---@field kind "subject"|"style" the only kind it is for
---@field form table<string, any> conveniences
---@field expert table<string, any> expert settings

---@type table<string, novita.Preset>
presets.known = {
  face = {
    kind = "subject",
    form = { steps = "auto", face_crop = 1.4, face_restore = true },
    expert = {
      instance_prompt = "a closeup photo of ohwx person",
      learning_rate = 3e-4, -- outside the page's list, but what the playground sends
      lr_scheduler = "cosine_with_restarts",
      with_prior_preservation = true,
      prior_loss_weight = 1.0,
      lora_r = 32,
      lora_alpha = 32,
      lora_text_encoder_r = 32,
      lora_text_encoder_alpha = 32,
    },
  },
  style = {
    kind = "style",
    form = { steps = "auto", captions = "files" },
    expert = { learning_rate = 1e-4 },
  },
}

--- The preset of a form, or one that changes nothing. Only for use inside a check.
---@param name? string checked
---@param kind "subject"|"style"
---@return novita.Preset
function presets.of(name, kind)
  local preset = name and presets.known[name]
  if preset and preset.kind ~= kind then
    usage_error.raise("preset %q is for a %s training, but kind is %q", name, preset.kind, kind)
  end
  return preset or { kind = kind, form = {}, expert = {} }
end

--- What `steps = "auto"` comes to: 200 for each photo, but no more than 2000 in all.
---@param photos integer
---@return integer
function presets.steps(photos)
  return math.min(photos_steps * photos, steps_most)
end

return presets
