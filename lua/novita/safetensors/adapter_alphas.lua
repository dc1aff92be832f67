--- The alphas of a LoRA with the names of diffusers or PEFT, which has no tensors for them: they
--- are in the entry `lora_adapter_metadata` of its metadata, as arguments of PEFT's LoraConfig:
---
---     {"unet.r":4,"unet.lora_alpha":8,"unet.alpha_pattern":{"conv_in":2},...}
---
--- The ranks of its modules are those of its tensors.

local adapter_metadata = require "novita.safetensors.adapter_metadata"
local json = require "novita.json"
local rewrite = require "novita.safetensors.rewrite"

local TEXT_MOST <const> = 1 << 20 -- bytes of the entry; one with all modules has a tenth
local HEADER_MOST <const> = 16 << 20
local KINDS_MOST <const> = 8 -- as in csrc/safetensors/lora.h

local downs <const> = { ".lora_A.weight", ".lora_linear_layer.down.weight", ".lora.down.weight",
  "_lora.down.weight" }

-- The module of a tensor that has its rank.
local function module_of(name)
  for _, ending in ipairs(downs) do
    if #name > #ending and name:sub(-#ending) == ending then
      return (name:sub(1, -#ending - 1):gsub("^base_model%.model%.", ""))
    end
  end
end

local function number(value)
  return type(value) == "number" and value == value and math.abs(value) ~= math.huge and value
    or nil
end

-- The value that a pattern has for a module: the key is its path, or the end of it.
local function matched(pattern, path)
  while type(pattern) == "table" and path do
    if number(pattern[path]) then
      return pattern[path]
    end
    path = path:match "^[^.]*%.(.+)$"
  end
end

-- Names of modules begin with the component, and so do those of the arguments, but for PEFT's own.
local function alpha_of(config, module)
  local component, path = module:match "^([^.]+)%.(.+)$"
  if not component or not number(config[component .. ".lora_alpha"]) then
    return matched(config.alpha_pattern, module) or number(config.lora_alpha)
  end
  return matched(config[component .. ".alpha_pattern"], path) or config[component .. ".lora_alpha"]
end

-- Kinds beyond the most are counted with the last one.
local function count(kinds, rank, alpha)
  for _, kind in ipairs(kinds) do
    if kind.rank == rank and kind.alpha == alpha then
      kind.count = kind.count + 1
      return
    end
  end
  if #kinds == KINDS_MOST then
    kinds[#kinds].count = kinds[#kinds].count + 1
  else
    kinds[#kinds + 1] = { rank = rank, alpha = alpha, count = 1 }
  end
end

local function sort(kinds)
  table.sort(kinds, function(a, b)
    if a.count ~= b.count then
      return a.count > b.count
    elseif a.rank ~= b.rank then
      return a.rank > b.rank
    end
    return a.alpha > b.alpha
  end)
end

-- Nil if the metadata have no alpha, or if a tensor is one: then the file says them itself.
local function kinds_in(path, config)
  local file <close>, text = rewrite.open(path)
  local kinds, found = {}, false
  for name, entry in pairs(file and json.decode(text) or {}) do
    local module = module_of(name)
    if module then
      local rank, alpha = entry.shape[1], alpha_of(config, module)
      found = found or alpha ~= nil
      count(kinds, rank, math.tointeger(alpha) or alpha or rank)
    elseif name:find "%.alpha$" then
      return nil
    end
  end
  return found and kinds or nil
end

--- Corrects the alphas of a LoRA whose metadata have them.
---@param path string of a file that was checked
---@param facts novita.SafetensorsFacts
return function(path, facts)
  local text = facts.metadata[adapter_metadata.NAME]
  if not text or not facts.dialect or facts.dialect == "kohya" or #text > TEXT_MOST
    or facts.header_size > HEADER_MOST then
    return
  end
  local config = json.decode(text)
  -- in a protected call: another process may have changed the file since it was checked
  local ok, kinds = pcall(kinds_in, path, type(config) == "table" and config or {})
  if ok and kinds then
    sort(kinds)
    facts.modules, facts.rank, facts.alpha = kinds, kinds[1].rank, kinds[1].alpha
  end
end
