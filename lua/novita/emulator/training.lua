--- Training tasks: creates them and knows their progress.

local balance = require "novita.emulator.balance"
local given_names = require "novita.emulator.given_names"
local history = require "novita.service.history"
local identifiers = require "novita.service.identifiers"
local queue = require "novita.emulator.queue"

local NEVER = 1e15 -- seconds; a longer ETA is omitted

local training = {}

function training.new()
  return { by_id = {}, by_model = {}, list = {}, count = 0, waiting = {}, head = 1, tail = 0,
    slots = {} }
end

local function asset_ids(body)
  local ids = {}
  for i, item in ipairs(body.image_dataset_items) do ids[i] = item.assets_id end
  return ids
end

local function new_task(state, order)
  local body = order.body
  return {
    id = identifiers.uuid(), name = body.name, kind = order.kind, created_at = state.clock:now(),
    body = body, expert = body.expert_setting or {}, asset_ids = asset_ids(body),
    user_agent = order.user_agent,
  }
end

local function refused_assets(state, task)
  local why = state.options.bad_asset == "reject" and queue.bad_asset(state, task)
  return why and { status = 400, reason = "INVALID_REQUEST_BODY", message = why } or nil
end

local ENDED = { SERVING = true, FAILED = true, CANCELED = true }

-- A task that waits is still in the queue, even if a script has ended it.
local function trim(state)
  local all = state.training
  history.trim(all, state.options.history_limit, function(old)
    local progress = training.progress(state, old)
    return (old.skipped or old.started_at or old.failed_at)
      and ENDED[progress.model_status or progress.status]
  end, function(old)
    all.by_id[old.id] = nil
    if old.model_name then all.by_model[old.model_name] = nil end
  end)
end

---@param state novita.emulator.State
---@param order novita.service.TrainingOrder
---@return table? task
---@return novita.service.Refusal? refusal
function training.create(state, order)
  queue.settle(state)
  local task = new_task(state, order)
  local refusal = refused_assets(state, task)
    or balance.charge(state, state.options.training_price)
  if refusal then return nil, refusal end
  local all = state.training
  all.count = all.count + 1
  task.number = all.count
  all.by_id[task.id] = task
  all.list[#all.list + 1] = task
  queue.add(state, task)
  trim(state)
  return task
end

---@return table? task
function training.find(state, id)
  queue.settle(state)
  return state.training.by_id[id]
end

local function round(number)
  return math.floor(number * 100 + 0.5) / 100
end

local function known_eta(seconds)
  return seconds < NEVER and round(seconds) or nil
end

local function waiting_progress(state, task, now)
  local eta = math.max(queue.expected_start(state, task) - now, 0) + queue.duration(state, task)
  return { status = "QUEUING", percent = 0, eta = known_eta(eta) }
end

local function running_progress(task, now)
  local share = math.max(now - task.started_at, 0) / (task.ends_at - task.started_at)
  return { status = "TRAINING", percent = round(share * 100), eta = known_eta(task.ends_at - now) }
end

--- The progress of a task: status, percent, eta (may be nil), model_status (may be nil).
---@return { status: string, percent: number, eta: number?, model_status: string? }
function training.progress(state, task)
  local now = state.clock:now()
  if task.forced_status then return { status = task.forced_status, percent = 0 } end
  if task.failed_at then return { status = "FAILED", percent = 0 } end
  if not task.started_at then return waiting_progress(state, task, now) end
  if now < task.ends_at then return running_progress(task, now) end
  return { status = "SUCCESS", percent = 100, eta = 0,
    model_status = now < task.serves_at and "DEPLOYING" or "SERVING" }
end

---@return novita.service.TrainingState
function training.describe(state, task)
  local found = training.progress(state, task)
  found.id, found.kind, found.created_at = task.id, task.kind, task.created_at
  found.name = given_names.of(state, task)
  found.model_name, found.failure = task.model_name, task.failure
  return found
end

--- The tasks that already appear in the list, newest first.
local function visible(state, kind)
  local found, list = {}, state.training.list
  local latest = state.clock:now() - state.options.list_lag
  for i = #list, 1, -1 do
    local task = list[i]
    if task.created_at <= latest and (not kind or task.kind == kind) then
      found[#found + 1] = task
    end
  end
  return found
end

---@param kind? string
---@param offset integer
---@param limit integer
---@return table[] tasks newest first
---@return integer total
function training.page(state, kind, offset, limit)
  queue.settle(state)
  local all = visible(state, kind)
  return table.move(all, offset + 1, math.min(offset + limit, #all), 1, {}), #all
end

--- The training of a serving model, by the name of the model with or without ".safetensors".
---@return table? task
function training.serving_model(state, name)
  queue.settle(state)
  local task = state.training.by_model[name] or state.training.by_model[name .. ".safetensors"]
  if task and training.progress(state, task).model_status == "SERVING" then return task end
  return nil
end

return training
