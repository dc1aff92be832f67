--- When trainings run: a number of slots, first come first served, everything on the clock.
-- Nothing happens in the background: each question first brings the past up to date.

local identifiers = require "novita.emulator.identifiers"
local image_files = require "novita.emulator.image_files"

local DEFAULT_STEPS = 500

local queue = {}

--- The first photo that cannot be used.
---@return string? why
function queue.bad_asset(world, task)
  for _, id in ipairs(task.asset_ids) do
    local asset = world.assets.by_id[id]
    if not asset then return ("asset %s does not exist"):format(id) end
    local why = image_files.fault_of(asset)
    if why then return ("asset %s: %s"):format(id, why) end
  end
  return nil
end

--- Emulator seconds that the training takes.
function queue.duration(world, task)
  return (task.expert.max_train_steps or DEFAULT_STEPS) * world.options.seconds_per_step
end

--- Makes the slots as many as the options say; a new one is free from now on.
function queue.open_slots(world)
  local slots, now = world.training.slots, world.clock:now()
  for i = #slots + 1, world.options.slots do slots[i] = now end
end

local function earliest_slot(world)
  local slots, best = world.training.slots, 1
  for i = 2, world.options.slots do
    if slots[i] < slots[best] then best = i end
  end
  return best
end

local function begin(world, task, slot, at)
  local why = queue.bad_asset(world, task)
  if why then
    task.failed_at, task.failure = at, why
    return
  end
  task.started_at = at
  task.ends_at = at + queue.duration(world, task)
  task.serves_at = task.ends_at + world.options.deploy_seconds
  task.model_name = identifiers.model(task.ends_at)
  world.training.by_model[task.model_name] = task
  world.training.slots[slot] = task.ends_at
end

--- When the task can start, as far as it can be told now.
function queue.start_of(world, task)
  local slot = earliest_slot(world)
  local ready = task.created_at + world.options.queue_seconds
  return math.max(ready, world.training.slots[slot]), slot
end

local ENDED = { FAILED = true, CANCELED = true } -- by a script's word, before it began

--- Lets everything happen that is due.
function queue.settle(world)
  local training, now = world.training, world.clock:now()
  while training.waiting[training.head] do
    local task = training.waiting[training.head]
    local at, slot = queue.start_of(world, task)
    if at > now then return end
    training.waiting[training.head] = nil
    training.head = training.head + 1
    task.passed_over = ENDED[task.decreed]
    if not task.passed_over then begin(world, task, slot, at) end
  end
end

function queue.add(world, task)
  local training = world.training
  training.tail = training.tail + 1
  training.waiting[training.tail] = task
end

return queue
