--- The family of a checkpoint, by its name: a LoRA works with checkpoints of the same family.

local ascii = require "novita.base.ascii"
local base_models = require "novita.fields.base_models"

local families = {}

local known = {}
for _, name in ipairs(base_models) do
  known[name] = true
end

--- The family of a base model or of a checkpoint's file. The service's names of SDXL have "xl" in
--- them; another name says nothing unless the service lists it.
---@param name string with or without .safetensors
---@return "Stable Diffusion XL"|"Stable Diffusion 1.5"|nil
function families.of(name)
  local stem = name:gsub("%.safetensors$", "")
  if ascii.lower(stem):find("xl", 1, true) then
    return "Stable Diffusion XL"
  end
  return known[stem] and "Stable Diffusion 1.5" or nil
end

--- Why a LoRA that was trained on one model does not work with another one, if that is known.
---@param trained_on string
---@param used_with string
---@return string? warning
function families.mismatch(trained_on, used_with)
  local one, other = families.of(trained_on), families.of(used_with)
  if one and other and one ~= other then
    return ("%s is of %s, %s of %s: a model that is trained on the one does not work with the "
      .. "other"):format(trained_on, one, used_with, other)
  end
end

return families
