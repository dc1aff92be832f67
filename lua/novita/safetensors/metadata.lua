--- Reads the metadata of a model's file: facts about its training, and private entries. Names that
--- begin with ss_ are those of kohya's sd-scripts, the others those of the modelspec standard.

local metadata = {}

-- Programs read these to load a model, or they say only how it was trained. Everything else may be
-- private: words of captions, names of folders, files, persons and machines.
local harmless = {}
for name in ([[
  format
  ss_network_module ss_network_dim ss_network_alpha ss_network_args ss_base_model_version ss_v2
  ss_steps ss_max_train_steps ss_epoch ss_num_epochs ss_seed ss_learning_rate ss_unet_lr
  ss_text_encoder_lr ss_lr_scheduler ss_lr_warmup_steps ss_optimizer ss_num_train_images
  ss_num_reg_images ss_batch_size_per_device ss_resolution ss_clip_skip ss_mixed_precision
  ss_gradient_accumulation_steps ss_min_snr_gamma ss_noise_offset ss_prior_loss_weight
  ss_sd_model_hash ss_new_sd_model_hash sshs_model_hash sshs_legacy_hash
  modelspec.sai_model_spec modelspec.architecture modelspec.implementation
  modelspec.resolution modelspec.prediction_type modelspec.timestep_range
  modelspec.encoder_layer
  lora_adapter_metadata novita.lora_adapter_metadata novita.convert
]]):gmatch "%S+" do
  harmless[name] = true
end

local captions = { "ss_tag_frequency" }
local folders = { "ss_dataset_dirs", "ss_reg_dataset_dirs", "ss_datasets" }

-- Where each fact about the training stands, the first that is there counts.
local facts = {
  { "steps", "ss_steps", "ss_max_train_steps" },
  { "seed", "ss_seed" },
  { "learning_rate", "ss_learning_rate", "ss_unet_lr" },
  { "scheduler", "ss_lr_scheduler" },
  { "photos", "ss_num_train_images" },
  { "base_model", "ss_sd_model_name" },
}

--- Whether a name is one that `strip` keeps.
---@param name string
---@return boolean
function metadata.is_harmless(name)
  return harmless[name] or false
end

local function has_any(values, names)
  for _, name in ipairs(names) do
    -- trainers write these words where they have nothing to say
    local value = values[name] or "None"
    if value ~= "None" and value ~= "{}" and value ~= "[]" and value ~= "null" then
      return true
    end
  end
  return false
end

---@class novita.SafetensorsTraining what the metadata says about the training, as it is written there
---@field steps? string
---@field seed? string
---@field learning_rate? string
---@field scheduler? string
---@field photos? string
---@field base_model? string

--- How a model was trained.
---@param values table<string, string> novita.SafetensorsFacts.metadata
---@return novita.SafetensorsTraining
function metadata.training(values)
  local found = {}
  for _, fact in ipairs(facts) do
    for i = 2, #fact do
      local value = values[fact[i]]
      found[fact[1]] = found[fact[1]] or value ~= "None" and value or nil
    end
  end
  return found
end

---@class novita.SafetensorsPrivacy
---@field captions boolean words of captions
---@field folders boolean names of the folders of photos
---@field others string[] names of further entries that `strip` removes, sorted

--- Finds the entries that a person may not want to pass on with a model.
---@param values table<string, string>
---@return novita.SafetensorsPrivacy
function metadata.privacy(values)
  local others, named = {}, {}
  for _, list in ipairs { captions, folders } do
    for _, name in ipairs(list) do
      named[name] = true
    end
  end
  for name in pairs(values) do
    if not harmless[name] and not named[name] then
      others[#others + 1] = name
    end
  end
  table.sort(others)
  return { captions = has_any(values, captions), folders = has_any(values, folders),
    others = others }
end

return metadata
