--- The models of the account: its trained ones that are serving, and a few public ones.

local given_names = require "novita.emulator.given_names"
local model_files = require "novita.emulator.model_files"
local public_models = require "novita.emulator.public_models"
local queue = require "novita.emulator.queue"
local training = require "novita.emulator.training"

local FIRST = 900000 -- id

local models = {}

local function entry(state, task)
  return { id = FIRST + task.number, name = given_names.of(state, task), file = task.model_name,
    api_name = task.model_name:gsub("%.safetensors$", ""), type = "lora", source = "training",
    visibility = "private", sdxl = public_models.is_sdxl(task.body.base_model), has_file = true,
    task = task }
end

---@param state novita.emulator.State
---@return novita.service.Model[]
function models.list(state)
  queue.settle(state)
  local list, now, tasks = {}, state.clock:now(), state.training.list
  for i = #tasks, 1, -1 do
    local task = tasks[i]
    local serves = training.progress(state, task).model_status == "SERVING"
    if serves and task.serves_at + state.options.model_lag <= now then
      list[#list + 1] = entry(state, task)
    end
  end
  local public = public_models.list(state)
  return table.move(public, 1, #public, #list + 1, list)
end

---@param state novita.emulator.State
---@param model table in that list
---@return string hex
function models.sha256(state, model)
  return model.task and model_files.sha256(state, model.task) or ""
end

---@param state novita.emulator.State
---@param name string of the file
---@return novita.service.Content?
function models.open(state, name)
  local task = training.serving_model(state, name)
  if not task then return nil end
  local file = model_files.of(state, task)
  return { read = file.read, size = file.size, type = "application/octet-stream",
    etag = '"' .. model_files.sha256(state, task):sub(1, 32) .. '"' }
end

return models
