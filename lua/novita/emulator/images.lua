--- Image tasks: creates them and knows their progress.

local balance = require "novita.emulator.balance"
local crypto = require("novita.service.core").crypto
local history = require "novita.service.history"
local identifiers = require "novita.service.identifiers"

local FINAL = { TASK_STATUS_SUCCEED = true, TASK_STATUS_FAILED = true }
local FAILED = "TASK_STATUS_FAILED"

local images = {}

function images.new()
  return { by_id = {}, list = {}, by_path = {}, mocks = { list = {} }, held = 0, pictured = {} }
end

local function random_seed()
  return string.unpack("<I4", crypto.random(4)) & 0x7fffffff
end

local function new_task(state, order)
  local request, now = order.request, state.clock:now()
  local starts = now + state.options.image_queue_seconds
  return {
    id = identifiers.uuid(), kind = order.kind, created_at = now, order = request,
    extra = order.extra, models = order.loras, starts_at = starts,
    ends_at = starts + state.options.image_seconds * request.image_num,
    seed = (request.seed or -1) >= 0 and request.seed or random_seed(),
    format = order.extra.response_image_type or "png",
    user_agent = order.user_agent, photos = order.images,
  }
end

-- The oldest entries of a store are dropped; mock tasks of webhooks have a separate store.
local function remember(state, store, task)
  store.list[#store.list + 1] = task
  local now, all = state.clock:now(), state.images
  history.trim(store, state.options.history_limit,
    function(old) return FINAL[old.forced_status] or now >= old.ends_at end,
    function(old)
      all.by_id[old.id] = nil
      for _, path in ipairs(old.paths) do all.by_path[path] = nil end
    end)
end

-- The photos of requests are kept for the results, up to the same size as those of trainings.
local function keep_photos(state, task)
  local all = state.images
  if #task.photos == 0 then return end
  for _, bytes in ipairs(task.photos) do all.held = all.held + #bytes end
  table.insert(all.pictured, task)
  while all.held > state.options.asset_memory and #all.pictured > 0 do
    local old = table.remove(all.pictured, 1)
    for _, bytes in ipairs(old.photos) do all.held = all.held - #bytes end
    old.photos = {}
  end
end

local function keep(state, store, task)
  local all = state.images
  if store == all then all.by_id[task.id] = task end
  keep_photos(state, task)
  task.paths = {}
  for i = 1, task.order.image_num do
    local path = ("/output-image/%s-%d.%s"):format(task.id, i, task.format)
    task.paths[i] = path
    all.by_path[path] = { task = task, index = i }
  end
  remember(state, store, task)
end

-- For the test of a webhook: no task, no charge.
local function create_mock(state, task, status)
  task.forced_status = status
  task.order.image_num = 1
  keep(state, state.images.mocks, task)
  return task
end

---@param state novita.emulator.State
---@param order novita.service.ImageOrder
---@return table? task
---@return novita.service.Refusal? refusal
function images.create(state, order)
  local task = new_task(state, order)
  if order.mock_status then return create_mock(state, task, order.mock_status) end
  local refusal = balance.charge(state, state.options.image_price * task.order.image_num)
  if refusal then return nil, refusal end
  keep(state, state.images, task)
  return task
end

--- status, percent, eta
function images.progress(state, task)
  local now = state.clock:now()
  if task.forced_status then return task.forced_status, 0, 0 end
  if now < task.starts_at then return "TASK_STATUS_QUEUED", 0, task.ends_at - now end
  if now >= task.ends_at then return "TASK_STATUS_SUCCEED", 100, 0 end
  local share = (now - task.starts_at) / (task.ends_at - task.starts_at)
  return "TASK_STATUS_PROCESSING", math.floor(share * 100), task.ends_at - now
end

---@return boolean
function images.has_ended(state, task)
  return FINAL[(images.progress(state, task))] or false
end

---@return novita.service.ImageState
function images.describe(state, task)
  local status, percent, eta = images.progress(state, task)
  return {
    id = task.id, kind = task.kind, status = status, percent = percent, eta = eta,
    reason = status == FAILED and "failed by set_status" or "", seed = task.seed,
    extra = task.extra, format = task.format, paths = task.paths,
    nsfw_confidence = state.options.nsfw_confidence, created_at = task.created_at,
    started_at = task.starts_at, ended_at = task.ends_at,
  }
end

return images
