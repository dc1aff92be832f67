--- The settings of a training, with what the API's pages leave open filled in.

local settings = {}

-- Of PEFT's script, whose options the service's fields are, but for the warm-up: its 500 steps
-- would be a whole training.
local DEFAULTS <const> = { train_batch_size = 1, learning_rate = 1e-4, max_train_steps = 500,
  lr_scheduler = "constant", lr_warmup_steps = 0, prior_loss_weight = 1, lora_r = 8,
  lora_alpha = 32, lora_text_encoder_r = 8, lora_text_encoder_alpha = 32 }

--- How many class images a training with prior preservation has.
settings.CLASS_IMAGES = 100

---@param body table of a training
---@param more? table defaults that replace ours
---@return table
function settings.of(body, more)
  local all = {}
  for name, value in pairs(DEFAULTS) do
    all[name] = value
  end
  for name, value in pairs(more or {}) do
    all[name] = value
  end
  for name, value in pairs(body.expert_setting or {}) do
    all[name] = value
  end
  return all
end

--- The steps of a training.
---@param body table
---@return integer
function settings.steps(body)
  return settings.of(body).max_train_steps
end

return settings
