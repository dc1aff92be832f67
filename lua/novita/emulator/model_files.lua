--- The files of trained models. None is stored: each is made as it is read.

local crypto = require("novita.service.core").crypto
local lora_file = require "novita.emulator.lora_file"

local LAID_OUT <const> = 16 -- files whose layout is kept
local PIECE <const> = 1 << 16 -- bytes hashed at a time

local model_files = {}

---@class novita.emulator.ModelFiles
---@field by_task table<table, novita.emulator.LoraFile>
---@field tasks table[] the tasks of those files, the latest last

---@return novita.emulator.ModelFiles
function model_files.new()
  return { by_task = {}, tasks = {} }
end

--- The file of a model.
---@param state novita.emulator.State
---@param task table a training whose model is serving
---@return novita.emulator.LoraFile
function model_files.of(state, task)
  local cache = state.model_files
  local file = cache.by_task[task]
  if not file then
    file = lora_file.new(task, state.options.model_bytes)
    cache.by_task[task] = file
    table.insert(cache.tasks, task)
    if #cache.tasks > LAID_OUT then
      cache.by_task[table.remove(cache.tasks, 1)] = nil
    end
  end
  return file
end

--- The SHA-256 of the file.
---@param state novita.emulator.State
---@param task table
---@return string hex
function model_files.sha256(state, task)
  if not task.file_sha256 then
    local file = model_files.of(state, task)
    task.file_sha256 = crypto.hex(crypto.sha256_of(function(position)
      return file.read(position, PIECE)
    end))
  end
  return task.file_sha256
end

return model_files
