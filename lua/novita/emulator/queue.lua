--- Schedules trainings: a number of slots, first come, first served, on the emulator's clock.
-- Nothing runs in the background: each request first catches up with the clock.

local identifiers = require "novita.service.identifiers"
local image_files = require "novita.emulator.image_files"

local DEFAULT_STEPS = 500

local queue = {}

--- Why the first unusable photo cannot be used.
---@return string? why
function queue.bad_asset(state, task)
  for _, id in ipairs(task.asset_ids) do
    local asset = state.assets.by_id[id]
    if not asset then return ("asset %s does not exist"):format(id) end
    local why = image_files.fault_of(asset)
    if why then return ("asset %s: %s"):format(id, why) end
  end
  return nil
end

--- The duration of the training in emulator seconds.
function queue.duration(state, task)
  return (task.expert.max_train_steps or DEFAULT_STEPS) * state.options.seconds_per_step
end

--- Adds slots until there are as many as the options say; a new one is free now.
function queue.open_slots(state)
  local slots, now = state.training.slots, state.clock:now()
  for i = #slots + 1, state.options.slots do slots[i] = now end
end

local function earliest_slot(state, slots)
  local best = 1
  for i = 2, state.options.slots do
    if slots[i] < slots[best] then best = i end
  end
  return best
end

local function begin(state, task, slot, at)
  local why = queue.bad_asset(state, task)
  if why then
    task.failed_at, task.failure = at, why
    queue.replan(state)
    return
  end
  task.started_at = at
  task.ends_at = at + queue.duration(state, task)
  task.serves_at = task.ends_at + state.options.deploy_seconds
  task.model_name = identifiers.model(task.ends_at)
  state.training.by_model[task.model_name] = task
  state.training.slots[slot] = task.ends_at
end

-- When a task can start in one of these slots, if it is the next one.
local function start_of(state, task, slots)
  local slot = earliest_slot(state, slots)
  return math.max(task.created_at + state.options.queue_seconds, slots[slot]), slot
end

local ENDED = { FAILED = true, CANCELED = true } -- set by a script before the task began

--- Forgets the expected starts: to call when a slot, a duration or a status was changed.
function queue.replan(state)
  state.training.plan = nil
end

-- The expected starts of all tasks that wait, in a copy of the slots. New tasks continue it; the
-- tasks that have started since were planned to start just then.
local function plan_of(state)
  local training = state.training
  local plan = training.plan
  if not plan or plan.next < training.head then
    plan = { slots = table.move(training.slots, 1, state.options.slots, 1, {}),
      starts = setmetatable({}, { __mode = "k" }), next = training.head }
    training.plan = plan
  end
  while plan.next <= training.tail do
    local task = training.waiting[plan.next]
    local start, slot = start_of(state, task, plan.slots)
    plan.starts[task], plan.next = start, plan.next + 1
    if not ENDED[task.forced_status] then
      plan.slots[slot] = start + queue.duration(state, task)
    end
  end
  return plan
end

--- When a waiting task will start, after those before it.
---@return number unix seconds
function queue.expected_start(state, task)
  return plan_of(state).starts[task] or math.huge
end

--- Starts all trainings that are due.
function queue.settle(state)
  local training, now = state.training, state.clock:now()
  while training.waiting[training.head] do
    local task = training.waiting[training.head]
    local at, slot = start_of(state, task, training.slots)
    if at > now then return end
    training.waiting[training.head] = nil
    training.head = training.head + 1
    task.skipped = ENDED[task.forced_status]
    if not task.skipped then begin(state, task, slot, at) end
  end
end

function queue.add(state, task)
  local training = state.training
  training.tail = training.tail + 1
  training.waiting[training.tail] = task
end

return queue
