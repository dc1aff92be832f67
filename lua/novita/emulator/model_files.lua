--- The files of trained models: real safetensors files that say that nothing was trained. The same
--- model has the same bytes each time, so none has to be kept.

local crypto = require "novita.emulator.crypto"
local json = require "novita.emulator.json"

local model_files = {}

local function header_of(task, weights)
  return json.encode(json.object(
    "__metadata__", json.object("emulated", "nothing was trained", "task_id", task.id,
      "name", task.name),
    "emulated.weight", json.object("dtype", "U8", "shape", json.list { weights },
      "data_offsets", json.list { 0, weights })))
end

-- A safetensors file: length of the header, the header padded with blanks, the weights.
local function compose(task, size)
  local header = header_of(task, size)
  local length = (#header + 15) // 8 * 8
  local weights = math.max(size - 8 - length, 0)
  header = header_of(task, weights)
  header = header .. (" "):rep(length - #header)
  local piece = crypto.sha256(task.model_name)
  local data = piece:rep(weights // #piece + 1):sub(1, weights)
  return string.pack("<I8", length) .. header .. data
end

--- The file; made at the first call.
---@param world novita.emulator.World
---@param task table a training whose model serves
---@return string bytes
function model_files.bytes(world, task)
  local cache = world.model_files
  if cache.task ~= task or cache.size ~= world.options.model_bytes then
    local bytes = compose(task, world.options.model_bytes)
    world.model_files = { task = task, size = world.options.model_bytes, bytes = bytes }
  end
  return world.model_files.bytes
end

--- Its SHA-256.
---@return string hex
function model_files.sha256(world, task)
  if not task.file_sha256 then
    task.file_sha256 = crypto.hex(crypto.sha256(model_files.bytes(world, task)))
  end
  return task.file_sha256
end

return model_files
