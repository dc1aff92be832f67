--- The files of trained models: real safetensors files whose metadata says that nothing was
--- trained. The same model has the same bytes each time, so none is stored.

local crypto = require("novita.service.core").crypto
local json = require "novita.service.json"

local model_files = {}

local function header_of(task, weights)
  return json.encode(json.object(
    "__metadata__", json.object("emulated", "nothing was trained", "task_id", task.id,
      "name", task.name),
    "emulated.weight", json.object("dtype", "U8", "shape", json.list { weights },
      "data_offsets", json.list { 0, weights })))
end

-- A safetensors file: the length of the header, the header padded with blanks, the weights.
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

--- The file; the latest one is cached.
---@param state novita.emulator.State
---@param task table a training whose model is serving
---@return string bytes
function model_files.bytes(state, task)
  local cache = state.model_files
  if cache.task ~= task or cache.size ~= state.options.model_bytes then
    local bytes = compose(task, state.options.model_bytes)
    state.model_files = { task = task, size = state.options.model_bytes, bytes = bytes }
  end
  return state.model_files.bytes
end

--- The SHA-256 of the file.
---@return string hex
function model_files.sha256(state, task)
  if not task.file_sha256 then
    task.file_sha256 = crypto.hex(crypto.sha256(model_files.bytes(state, task)))
  end
  return task.file_sha256
end

return model_files
