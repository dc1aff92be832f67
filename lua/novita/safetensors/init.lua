--- Checks .safetensors files, the files of models: the header, every value, and what the file is.
--- The work is done on a worker thread. Copies them with less metadata, or with other names.

local adapter_alphas = require "novita.safetensors.adapter_alphas"
local ops = require "novita.async.op"
local scheduler = require "novita.async.scheduler"
local errors = require "novita.base.error"
local format = require "novita.schema.format"
local convert = require "novita.safetensors.convert"
local methods = require "novita.base.methods"
local metadata = require "novita.safetensors.metadata"
local programs = require "novita.safetensors.programs"
local strip = require "novita.safetensors.strip"

---@class novita.SafetensorsFacts
---@field size integer bytes of the file
---@field header_size integer bytes of its JSON
---@field tensors integer
---@field zero_tensors integer those that have no value but 0
---@field large_tensors integer those of two or more dimensions with a value of 2 or more, or -2 or less
---@field parameters integer values in all tensors
---@field dtypes table<string, integer> how many tensors have this type: "F16", "BF16", ...
---@field base? "sd15"|"sd2"|"sdxl" the family of base models, by the shapes; nil: not known
---@field dialect? "kohya"|"diffusers"|"peft" how its tensors are named; nil: it is no LoRA
---@field rank? integer of most modules of the LoRA
---@field alpha? number of most modules, from its tensors or from `lora_adapter_metadata`; the rank,
--- where the file has none
---@field modules? { rank: integer, alpha: number, count: integer }[] the most frequent first
---@field metadata table<string, string> what the trainer wrote; captions and names of folders may
--- be in it
---@field training novita.SafetensorsTraining what the metadata says about the training
---@field programs string[] that load its names without a conversion
---@field privacy novita.SafetensorsPrivacy what of the metadata `strip` removes

---@class novita.safetensors
local safetensors = {}

--- Checks a file and says what it is. A file that is no safetensors file, is cut off, has holes, or
--- has a value that is not a number, is an error that says so.
---@param path string
---@param loop? novita.async.Loop nil: novita's own
---@return novita.SafetensorsFacts?
---@return novita.Error? err kind "file"; its codes are those of csrc/safetensors/check.h
function safetensors.check(path, loop)
  loop = loop or scheduler.own()
  local facts, err = ops.await(loop, function(future)
    return loop:core():check_safetensors(future, path)
  end)
  if not facts then
    return nil, errors.reword(err, ("%s: %s"):format(path, err.message))
  end
  adapter_alphas(path, facts)
  facts.training = metadata.training(facts.metadata)
  facts.privacy = metadata.privacy(facts.metadata)
  facts.programs = { table.unpack(programs[facts.dialect] or {}) }
  return facts
end

--- Copies a file without the part of its metadata that may be private: captions, names of folders,
--- and everything else that no program needs to load the model. The tensors stay as they are. The
--- copy is checked before it gets its name.
---@param path string
---@param out string the copy; an existing file is replaced
---@param loop? novita.async.Loop nil: novita's own
---@return boolean? done
---@return novita.Error? err
function safetensors.strip(path, out, loop)
  loop = loop or scheduler.own()
  local facts, err = safetensors.check(path, loop)
  if not facts then
    return nil, err
  end
  return strip(path, out, facts.metadata, loop, function(written)
    return safetensors.check(written, loop)
  end)
end

local dialects = { kohya = true, diffusers = true }

--- Copies a LoRA with the names of another dialect: those of kohya's trainer, which most programs
--- read, or those of diffusers and PEFT. The values stay as they are, and so do their alphas, as
--- tensors of kohya's names and as the metadata that diffusers reads. Converted back, the file is
--- the same, byte by byte. Only LoRAs of Stable Diffusion 1.5 and XL whose names are known are
--- converted. The copy is checked before it gets its name.
---@param path string
---@param out string the copy; an existing file is replaced
---@param names? "kohya"|"diffusers" that the copy has; nil: those that the file does not have
---@param loop? novita.async.Loop nil: novita's own
---@return "kohya"|"diffusers"? names of the copy
---@return novita.Error? err kind "file"; code "names" if its names cannot be converted
function safetensors.convert(path, out, names, loop)
  if names ~= nil and not dialects[names] then
    error(('names must be "kohya" or "diffusers", got %s'):format(format.value(names)), 2)
  end
  loop = loop or scheduler.own()
  local facts, err = safetensors.check(path, loop)
  if not facts then
    return nil, err
  end
  return convert(path, out, names, facts, loop, function(written)
    return safetensors.check(written, loop)
  end)
end

methods.need_dot(safetensors, "novita.safetensors")

return safetensors
