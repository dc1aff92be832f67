--- Trainings: the queue, the trainer of each, and its model. A training that had not ended when the
--- server did begins anew, after what is left of its trainer was killed.

local counted = require "novita.base.counted"
local errors = require "novita.base.error"
local files = require "novita.server.files"
local identifiers = require "novita.service.identifiers"
local json = require "novita.json"
local lfs = require "lfs"
local photos = require "novita.server.photos"
local publish = require "novita.server.publish"
local room = require "novita.server.room"
local task_folder = require "novita.server.task_folder"
local trainer = require "novita.server.trainer"
local training_start = require "novita.server.training_start"
local whole_numbers = require "novita.json.whole_numbers"

local REPORTED <const> = 100
local OPEN <const> = { QUEUING = true, TRAINING = true }

local trainings = {}

local function refusal(message)
  return { status = 400, reason = "INVALID_REQUEST_BODY", message = message }
end

-- The client waits and asks again.
local function full(engine, account)
  local limit = engine.store:queue_limit(account) or engine.options.queue_limit
  return engine.slots.queue:count(tostring(account)) >= limit and {
    status = 429, reason = "RATE_LIMIT_EXCEEDED",
    message = counted(limit, "training") .. " of this key may wait, and no more",
  } or room.refusal(engine)
end

local function refusal_of(engine, account, body)
  local why, _ = training_start.fault(engine, body)
  if not why then
    _, why = photos.of(engine, account, body)
  end
  return why and refusal(why) or nil
end

--- Accepts a training: it is on the disk, and in the queue.
---@param engine novita.server.Engine
---@param account integer
---@param order novita.service.TrainingOrder
---@return novita.server.TrainingRow?
---@return novita.service.Refusal?
function trainings.create(engine, account, order)
  local why = full(engine, account) or refusal_of(engine, account, order.body)
  if why then
    return nil, why
  end
  local id = identifiers.uuid()
  engine.store:add_training { id = id, account = account, kind = order.kind,
    body = json.encode(order.body), created_at = engine:now() }
  engine.slots:add(tostring(account), id)
  engine.log("training_accepted", { id = id, kind = order.kind,
    key = engine.store:account_name(account) })
  return engine.store:training(account, id)
end

---@param training novita.server.TrainingRow
---@return table
function trainings.body(training)
  return whole_numbers(json.decode(training.body))
end

---@param engine novita.server.Engine
---@param training novita.server.TrainingRow
---@return novita.service.TrainingState
function trainings.describe(engine, training)
  local running, succeeded = engine.running[training.id], training.status == "SUCCESS"
  training.name = training.name or trainings.body(training).name
  return { id = training.id, kind = training.kind, name = training.name,
    created_at = training.created_at, status = training.status,
    percent = running and running.progress:percent() or succeeded and 100 or 0,
    eta = running and running.progress:eta() or nil, failure = training.failure,
    model_name = training.model, model_status = succeeded and "SERVING" or nil }
end

-- {====== a run ======

local function folder_of(engine, training)
  return ("%s/tasks/%s"):format(engine.folder, training.id)
end

local function failed(message)
  return nil, errors.new { kind = "trainer", code = "request", message = message }
end

-- With the option `on_restart = "fail"`.
local function fail_interrupted(engine, training)
  local folder = folder_of(engine, training)
  if lfs.attributes(folder, "mode") then -- it is made after the training is noted as begun
    local done, err = trainer.kill_earlier(folder)
    if not done then
      return nil, err
    end
  end
  return failed "the server was started again while it ran"
end

local function wait(engine, training, running)
  engine.running[training.id] = running
  if engine.canceled[training.id] then -- while its folder was made
    running:stop()
  end
  return running:wait()
end

local function train(engine, training, slot)
  local body = trainings.body(training)
  local folder = folder_of(engine, training)
  local done, err = training_start.prepare(engine, training, body, folder, slot)
  if not done then
    return nil, err
  end
  local running, trained
  running, err = training_start.start(engine, body, folder, slot)
  if running then
    trained, err = wait(engine, training, running)
  end
  if not trained then
    return nil, err
  end
  training_start.keep(engine, body, folder)
  return publish(engine, training.id, trained.path)
end

-- A trainer may have filled the disk: what it has made is removed before anything is written.
local function finish(engine, training, done, err)
  local folder = folder_of(engine, training)
  if not done then
    task_folder.clear(folder)
  end
  if not done and err.kind == "file" then
    error(err, 0)
  elseif not done then
    trainings.fail(engine, training.id, err.message, err.tail)
  else
    engine.log("training_succeeded", { id = training.id })
  end
  task_folder.trim(folder)
end

local function run(engine, training, slot)
  if engine.canceled[training.id] then
    return failed "canceled before it started"
  elseif engine.interrupted[training.id] then
    return fail_interrupted(engine, training)
  end
  engine.store:set_started(training.id, engine:now(), slot)
  engine.log("training_started", { id = training.id, slot = slot })
  return train(engine, training, slot)
end

--- Runs a training in a slot; for novita.server.slots. If our own files cannot be written, it
--- raises the error: that is no fault of the training.
---@param engine novita.server.Engine
---@param id string
---@param slot integer
function trainings.run(engine, id, slot)
  local training = engine.store:any_training(id)
  local done, err = run(engine, training, slot)
  engine.running[id] = nil
  finish(engine, training, done, err)
end

---@param engine novita.server.Engine
---@param id string
---@param why string
---@param tail? string
function trainings.fail(engine, id, why, tail)
  local status = engine.canceled[id] and "CANCELED" or "FAILED"
  engine.running[id] = nil
  engine.store:set_failed(id, status, engine:now(), why, tail)
  engine.log(status == "FAILED" and "training_failed" or "training_canceled",
    { id = id, reason = why })
end

-- One that waits; it may have run before a restart. If that cannot be written, it is canceled in
-- its turn.
local function cancel_waiting(engine, training)
  local key = tostring(training.account)
  if not engine.slots:remove(key, training.id) then
    return -- it is about to start, and sees that it was canceled
  end
  local ok, raised = pcall(finish, engine, training, failed "canceled before it started")
  if not ok then
    engine.slots:add(key, training.id)
    error(raised, 0)
  end
end

--- Cancels a training that has not ended: one that waits at once, one that runs when its trainer
--- has ended.
---@param engine novita.server.Engine
---@param id string
---@return boolean found false if it has ended, or is not known
function trainings.cancel(engine, id)
  local training = engine.store:any_training(id)
  if not training or not OPEN[training.status] then
    return false
  end
  engine.canceled[id] = true
  if engine.running[id] then
    engine.running[id]:stop()
  else
    cancel_waiting(engine, training)
  end
  return true
end

local function remove_files(engine, training, assets)
  for _, id in ipairs(assets) do
    files.remove(photos.file(engine, { id = id }))
  end
  files.remove(folder_of(engine, training))
  if training.model then
    files.remove(engine:model_path(training.model))
  end
end

--- Removes everything of a training that has ended: its request, its log, its model, and the photos
--- that no other training has.
---@param engine novita.server.Engine
---@param id string
---@return boolean found
---@return boolean? open true if it has not ended: nothing was removed
function trainings.forget(engine, id)
  local training = engine.store:any_training(id)
  if not training or OPEN[training.status] then
    return training ~= nil, training ~= nil
  end
  local assets = {}
  for i, item in ipairs(trainings.body(training).image_dataset_items or {}) do
    assets[i] = tostring(item.assets_id)
  end
  remove_files(engine, training, engine.store:forget_training(training, assets))
  engine.canceled[id] = nil
  engine.log("training_forgotten", { id = id })
  return true
end

--- Removes the folder of a training that has ended, and its log with it.
---@param engine novita.server.Engine
---@param training novita.server.TrainingRow
function trainings.remove_log(engine, training)
  if files.remove(folder_of(engine, training)) then
    engine.store:set_cleaned(training.id)
  end
end

--- For the operator: the latest trainings of all accounts, with the reason of a failure.
---@param engine novita.server.Engine
---@return novita.server.Listed[]
function trainings.report(engine)
  local list = engine.store:latest(REPORTED)
  for i, row in ipairs(list) do
    local state = trainings.describe(engine, row)
    list[i] = { id = row.id, key = row.key, name = state.name, status = row.status,
      percent = state.percent, eta = state.eta, failure = row.failure, tail = row.tail,
      created_at = row.created_at, started_at = row.started_at, ended_at = row.ended_at,
      model = row.model }
  end
  return list
end

-- }======

--- Puts those that had not ended back into the queue, in their order. Trainers of theirs that
--- still run are killed now: their turn may come late.
---@param engine novita.server.Engine
function trainings.resume(engine)
  local list = engine.store:open_trainings()
  for _, training in ipairs(list) do
    if training.status == "TRAINING" then
      engine.interrupted[training.id] = engine.options.on_restart == "fail" or nil
      trainer.signal_earlier(folder_of(engine, training))
    end
  end
  for _, training in ipairs(list) do
    engine.slots:add(tostring(training.account), training.id)
  end
end

return trainings
