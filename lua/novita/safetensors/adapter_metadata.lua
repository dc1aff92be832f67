--- The alphas of a LoRA where diffusers reads them: an entry of the metadata with the arguments of
--- PEFT's LoraConfig, "unet.r", "unet.lora_alpha" and so on, as diffusers' own scripts write it.

local encoder = require "novita.json.encode"
local json = require "novita.json"

local adapter_metadata = { NAME = "lora_adapter_metadata" }

---@class novita.safetensors.Module
---@field component string
---@field path string
---@field rank integer
---@field alpha number

local function most_frequent(modules, field)
  local counts, best = {}, nil
  for _, module in ipairs(modules) do
    local value = module[field]
    counts[value] = (counts[value] or 0) + 1
    if not best or counts[value] > counts[best] then
      best = value
    end
  end
  return best
end

local function add_config(config, component, modules)
  local rank, alpha = most_frequent(modules, "rank"), most_frequent(modules, "alpha")
  local paths, ranks, alphas = encoder.list {}, {}, {}
  for i, module in ipairs(modules) do
    paths[i] = module.path
    ranks[module.path] = module.rank ~= rank and module.rank or nil
    alphas[module.path] = module.alpha ~= alpha and module.alpha or nil
  end
  config[component .. ".r"], config[component .. ".lora_alpha"] = rank, alpha
  config[component .. ".target_modules"] = paths
  config[component .. ".rank_pattern"], config[component .. ".alpha_pattern"] = ranks, alphas
end

--- The entry's value, or nil if each module's alpha is its rank, which is what diffusers assumes.
---@param modules novita.safetensors.Module[]
---@return string?
function adapter_metadata.of(modules)
  local by_component, needed = {}, false
  for _, module in ipairs(modules) do
    local list = by_component[module.component] or {}
    by_component[module.component] = list
    list[#list + 1] = module
    needed = needed or module.alpha ~= module.rank
  end
  if not needed then
    return nil
  end
  local config = {}
  for component, list in pairs(by_component) do
    add_config(config, component, list)
  end
  return json.encode(config, { keep_empty = true })
end

-- Arguments that change what a LoRA does, and that names alone do not carry.
local function changes(name, value)
  return (name == "use_dora" or name == "use_rslora") and value == true
end

--- Whether an entry says what kohya's names say without any: an alpha of each module that is its
--- rank.
---@param text string
---@return boolean
function adapter_metadata.is_plain(text)
  local config = json.decode(text)
  if type(config) ~= "table" then
    return false
  end
  for name, value in pairs(config) do
    local component, field = name:match "^([^.]+)%.(.+)$"
    local patterns = { alpha_pattern = true, rank_pattern = true }
    if changes(field, value) or patterns[field] and type(value) == "table" and next(value)
      or field == "lora_alpha" and value ~= config[component .. ".r"] then
      return false
    end
  end
  return true
end

return adapter_metadata
