--- Reads the names that the programs of the field give to the tensors of a LoRA:
---
---     kohya      lora_unet_down_blocks_0_..._attn1_to_q.lora_down.weight, .lora_up.weight, .alpha
---     diffusers  unet.down_blocks.0....attn1.to_q.lora_A.weight, .lora_B.weight
---
--- and the older names of diffusers (.lora.down.weight, .lora_linear_layer.down.weight,
--- .processor.to_q_lora.down.weight) and those of PEFT, with base_model.model. before them.

local module_names = require "novita.safetensors.module_names"

local tensor_names = {}

---@class novita.safetensors.TensorName
---@field dialect "kohya"|"diffusers"
---@field component "unet"|"text_encoder"|"text_encoder_2"
---@field part "down"|"up"|"alpha"
---@field path? string diffusers' name of the module
---@field module? string kohya's name of the module, with "_"
---@field family? novita.safetensors.Family if the name alone says it

-- {====== kohya ======

local components = {
  { "lora_unet_", "unet" }, { "lora_te1_", "text_encoder", "sdxl" },
  { "lora_te2_", "text_encoder_2", "sdxl" }, { "lora_te_", "text_encoder", "sd" },
}

local kohya_parts = { ["lora_down.weight"] = "down", ["lora_up.weight"] = "up", alpha = "alpha" }

local function read_kohya(name)
  local module, ending = name:match "^([^.]+)%.(.+)$"
  local part = kohya_parts[ending]
  if not part then
    return nil
  end
  for _, component in ipairs(components) do
    if module:sub(1, #component[1]) == component[1] then
      return { dialect = "kohya", component = component[2], family = component[3], part = part,
        module = module:sub(#component[1] + 1) }
    end
  end
end

-- }======

-- {====== diffusers ======

local endings = {
  { ".lora_A.weight", "down" }, { ".lora_B.weight", "up" },
  { ".lora_linear_layer.down.weight", "down" }, { ".lora_linear_layer.up.weight", "up" },
  { ".lora.down.weight", "down" }, { ".lora.up.weight", "up" },
  { "_lora.down.weight", "down" }, { "_lora.up.weight", "up" },
  { ".alpha", "alpha" },
}

local function without_ending(name)
  for _, ending in ipairs(endings) do
    if #name > #ending[1] and name:sub(-#ending[1]) == ending[1] then
      return name:sub(1, -#ending[1] - 1), ending[2]
    end
  end
end

local function component_of(path)
  for _, component in ipairs { "unet", "text_encoder", "text_encoder_2" } do
    if path:sub(1, #component + 1) == component .. "." then
      return component, path:sub(#component + 2)
    end
  end
  return path:find "^text_" and "text_encoder" or "unet", path
end

-- The older names of attentions.
local text_attentions = { to_q = "q_proj", to_k = "k_proj", to_v = "v_proj", to_out = "out_proj" }

local function modern(component, path)
  path = path:gsub("%.processor%.", ".")
  if component == "unet" then
    return (path:gsub("%.to_out$", ".to_out.0"))
  end
  return (path:gsub("(self_attn%.)(to_%a+)$", function(before, name)
    return text_attentions[name] and before .. text_attentions[name]
  end))
end

local function read_diffusers(name)
  local path, part = without_ending(name:gsub("^base_model%.model%.", ""))
  if not path then
    return nil
  end
  local component
  component, path = component_of(path)
  return { dialect = "diffusers", component = component, part = part,
    family = component == "text_encoder_2" and "sdxl" or nil, path = modern(component, path) }
end

-- }======

--- Reads a name; nil if it is another one.
---@param name string
---@return novita.safetensors.TensorName?
function tensor_names.read(name)
  return read_kohya(name) or read_diffusers(name)
end

local kohya_endings = { down = ".lora_down.weight", up = ".lora_up.weight", alpha = ".alpha" }
local diffusers_endings = { down = ".lora_A.weight", up = ".lora_B.weight" }

--- The name of a tensor in a dialect. diffusers has no tensors for alphas, and reads only names
--- that begin with a component: there they keep kohya's name.
---@param dialect "kohya"|"diffusers"
---@param family novita.safetensors.Family
---@param read novita.safetensors.TensorName with its path
---@return string
function tensor_names.write(dialect, family, read)
  if dialect == "kohya" or read.part == "alpha" then
    return module_names.kohya(family, read.component, read.path) .. kohya_endings[read.part]
  end
  return ("%s.%s%s"):format(read.component, read.path, diffusers_endings[read.part])
end

return tensor_names
