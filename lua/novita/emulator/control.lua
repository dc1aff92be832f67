--- What the script that started the emulator may ask and change.

local faults = require "novita.emulator.faults"
local images = require "novita.emulator.images"
local ledger = require "novita.emulator.ledger"
local options = require "novita.emulator.options"
local queue = require "novita.emulator.queue"
local router = require "novita.emulator.router"
local training = require "novita.emulator.training"
local webhooks = require "novita.emulator.webhooks"

local control = {}

local function task_entry(world, task)
  local state = training.state(world, task)
  return {
    id = task.id, name = task.name, kind = task.kind, created_at = task.created_at,
    status = state.status, model_status = state.model_status, failure = task.failure,
    model_name = state.model_status and task.model_name, assets = task.asset_ids,
    started_at = task.started_at, ends_at = task.ends_at, serves_at = task.serves_at,
    request = task.body, user_agent = task.user_agent,
  }
end

local function image_entry(world, task)
  local models = {}
  for i, model in ipairs(task.models) do models[i] = model.model_name end
  return {
    id = task.id, kind = task.kind, created_at = task.created_at, request = task.order,
    status = (images.state(world, task)), seed = task.seed, models = models,
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

local function each(world, list, entry)
  local out = {}
  for i, item in ipairs(list) do out[i] = entry(world, item) end
  return out
end

function control.ledger(world)
  queue.settle(world)
  return {
    tasks = each(world, world.training.list, task_entry),
    image_tasks = each(world, world.images.list, image_entry),
    assets = each(world, world.assets.list, asset_entry),
    routes = world.ledger.routes,
    webhooks = webhooks.entries(world),
    upload_authorization = world.ledger.upload_authorization,
    balance = world.options.balance,
  }
end

function control.requests(world)
  return ledger.entries(world)
end

function control.fault(world, fault)
  return faults.add(world, fault, router.names)
end

function control.clear_faults(world)
  faults.clear(world)
end

function control.advance(world, seconds)
  queue.settle(world)
  world.clock:advance(seconds)
end

function control.now(world)
  return world.clock:now()
end

function control.configure(world, given)
  queue.settle(world)
  for name, value in pairs(options.changes(given, 1)) do world.options[name] = value end
  queue.open_slots(world)
end

function control.set_status(world, order)
  queue.settle(world)
  local task = world.training.by_id[order.task_id] or world.images.by_id[order.task_id]
  if not task then return false end
  task.decreed = order.status
  if task.passed_over and not task.decreed then
    task.passed_over = nil
    queue.add(world, task)
  end
  return true
end

return control
