--- Checks .safetensors files, the files of models: the header, every value, and what the file is.
--- The work is done on a worker thread.

local ops = require "novita.async.op"
local scheduler = require "novita.async.scheduler"
local errors = require "novita.base.error"

---@class novita.SafetensorsFacts
---@field size integer bytes of the file
---@field header_size integer bytes of its JSON
---@field tensors integer
---@field zero_tensors integer those that have no value but 0
---@field parameters integer values in all tensors
---@field dtypes table<string, integer> how many tensors have this type: "F16", "BF16", ...
---@field base? "sd15"|"sd2"|"sdxl" the family of base models, by the shapes; nil: not known
---@field dialect? "kohya"|"diffusers"|"peft" how its tensors are named; nil: it is no LoRA
---@field rank? integer of most modules of the LoRA
---@field alpha? number of most modules; the rank, where the file has none
---@field modules? { rank: integer, alpha: number, count: integer }[] the most frequent first
---@field metadata table<string, string> what the trainer wrote; captions and names of folders may
--- be in it

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
  if facts then
    return facts
  end
  return nil, errors.reword(err, ("%s: %s"):format(path, err.message))
end

return safetensors
