--- The service's public models: each base model is also a checkpoint; the LoRAs are an option.

local ascii = require "novita.base.ascii"
local base_models = require "novita.fields.base_models"

local FIRST_CHECKPOINT, FIRST_LORA = 50001, 60001 -- ids

local public_models = {}

local function is_sdxl(name)
  return ascii.lower(name):find("xl", 1, true) ~= nil
end

local function without_extension(name)
  return (name:gsub("%.safetensors$", ""))
end

local function entry(id, name, kind, api_name)
  return { id = id, name = name, file = name .. ".safetensors", api_name = api_name, type = kind,
    source = "civitai", visibility = "public", sdxl = is_sdxl(name), has_file = false }
end

---@param state novita.emulator.State
---@return novita.service.Model[]
function public_models.list(state)
  local list = {}
  for i, given in ipairs(state.options.public_loras) do
    local name = without_extension(given)
    list[i] = entry(FIRST_LORA + i - 1, name, "lora", name)
  end
  for i, name in ipairs(base_models) do
    list[#list + 1] = entry(FIRST_CHECKPOINT + i - 1, name, "checkpoint", name .. ".safetensors")
  end
  return list
end

--- A public LoRA, by its name with or without ".safetensors".
---@param state novita.emulator.State
---@param name string
---@return table? model has model_name and asset_ids, as a training that is serving
function public_models.lora(state, name)
  for _, given in ipairs(state.options.public_loras) do
    if without_extension(given) == without_extension(name) then
      return { model_name = without_extension(given), asset_ids = {} }
    end
  end
  return nil
end

--- Whether there is a checkpoint of this name.
---@param name string with or without ".safetensors"
---@return boolean
function public_models.has_checkpoint(name)
  for _, known in ipairs(base_models) do
    if known == without_extension(name) then
      return true
    end
  end
  return false
end

public_models.is_sdxl = is_sdxl

return public_models
