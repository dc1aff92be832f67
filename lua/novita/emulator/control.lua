--- The functions that the script which started the emulator can call.

local faults = require "novita.emulator.faults"
local images = require "novita.emulator.images"
local ledger = require "novita.emulator.ledger"
local options = require "novita.emulator.options"
local queue = require "novita.emulator.queue"
local router = require "novita.service.router"
local training = require "novita.emulator.training"

local control = {}

local function task_entry(state, task)
  local progress = training.progress(state, task)
  return {
    id = task.id, name = task.name, kind = task.kind, created_at = task.created_at,
    status = progress.status, model_status = progress.model_status, failure = task.failure,
    model_name = progress.model_status and task.model_name, assets = task.asset_ids,
    started_at = task.started_at, ends_at = task.ends_at, serves_at = task.serves_at,
    request = task.body, user_agent = task.user_agent,
  }
end

local function image_entry(state, task)
  local models = {}
  for i, model in ipairs(task.models) do models[i] = model.model_name end
  return {
    id = task.id, kind = task.kind, created_at = task.created_at, request = task.order,
    status = (images.progress(state, task)), seed = task.seed, models = models,
    user_agent = task.user_agent,
  }
end

local function asset_entry(_, asset)
  return {
    id = asset.id, extension = asset.extension, created_at = asset.created_at,
    uploaded_at = asset.uploaded_at, uploads = asset.uploads, size = asset.size,
    sha256 = asset.sha256, kept = asset.bytes ~= nil,
  }
end

local function each(state, list, entry)
  local out = {}
  for i, item in ipairs(list) do out[i] = entry(state, item) end
  return out
end

function control.ledger(state)
  queue.settle(state)
  return {
    tasks = each(state, state.training.list, task_entry),
    image_tasks = each(state, state.images.list, image_entry),
    assets = each(state, state.assets.list, asset_entry),
    routes = state.ledger.routes,
    webhooks = state.service.webhooks:entries(),
    upload_authorization = state.ledger.upload_authorization,
    balance = state.options.balance,
  }
end

function control.requests(state)
  return ledger.entries(state)
end

function control.fault(state, fault)
  return faults.add(state, fault, router.names)
end

function control.clear_faults(state)
  faults.clear(state)
end

function control.advance(state, seconds)
  queue.settle(state)
  state.clock:advance(seconds)
end

function control.now(state)
  return state.clock:now()
end

function control.configure(state, given)
  queue.settle(state)
  for name, value in pairs(options.changes(given, 1)) do state.options[name] = value end
  queue.open_slots(state)
  queue.replan(state)
end

function control.set_status(state, order)
  queue.settle(state)
  local task = state.training.by_id[order.task_id] or state.images.by_id[order.task_id]
  if not task then return false end
  task.forced_status = order.status
  queue.replan(state)
  if task.skipped and not task.forced_status then
    task.skipped = nil
    queue.add(state, task)
  end
  return true
end

return control
