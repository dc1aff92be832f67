--- Presets: the settings of the Novita playground for a face and for a style. They fill in
--- omitted params and never replace given ones. The pages document no defaults.

local usage_error = require "novita.schema.usage_error"

local presets = {}

local photos_steps, steps_most = 200, 2000 -- the playground's rule for the number of steps

---@class novita.Preset
---@field task_type "subject"|"style" the kind of training that it is for
---@field params table<string, any> shorthands
---@field expert table<string, any> expert settings

---@type table<string, novita.Preset>
presets.known = {
  face = {
    task_type = "subject",
    params = { max_train_steps = "auto", face_crop = 1.4, face_restore = true },
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
    task_type = "style",
    params = { max_train_steps = "auto", captions = "files" },
    expert = { learning_rate = 1e-4 },
  },
}

-- Without a preset.
local none = {
  subject = { task_type = "subject", params = {}, expert = {} },
  style = { task_type = "style", params = {}, expert = {} },
}

--- The preset of a training, or one that changes nothing. Only for use inside a check.
---@param name? string checked
---@param task_type "subject"|"style"
---@return novita.Preset
function presets.of(name, task_type)
  local preset = name and presets.known[name]
  if preset and preset.task_type ~= task_type then
    usage_error.raise("preset %q is for a %s training, but task_type is %q", name, preset.task_type,
      task_type)
  end
  return preset or none[task_type]
end

--- The number of steps for `max_train_steps = "auto"`: 200 per photo, at most 2000.
---@param photos integer
---@return integer
function presets.steps(photos)
  return math.min(photos_steps * photos, steps_most)
end

return presets
