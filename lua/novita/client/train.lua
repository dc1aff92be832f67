--- Trains one model from photos: the steps of novita.client.training_steps, in a task.

local errors = require "novita.base.error"
local error_codes = require "novita.http.error_codes"
local training_photos = require "novita.client.training_photos"
local training_steps = require "novita.client.training_steps"
local library_params = require "novita.fields.training_options"
local params = require "novita.forms.params"
local format = require "novita.schema.format"
local tasks = require "novita.client.task"
local training_request = require "novita.forms.training_request"
local unpaid = require "novita.client.unpaid"
local upload_photos = require "novita.client.task_uploads"
local usage_error = require "novita.schema.usage_error"

local IN_MEMORY <const> = 10 -- photos of a training that are decoded or being uploaded
local SUBMISSIONS_MOST <const> = 5 -- if the service answers "too many requests"

-- {====== the paid request ======

-- "Too many requests" is a refusal: nothing was made and nothing is billed, so only this may be
-- sent again here. All other errors are for the caller.
local function is_later(err)
  return err.status ~= nil and error_codes.class_of(err) == "later"
end

local function submit(task, training, ids)
  local body = training:body(ids)
  local task_id, err
  for attempt = 1, SUBMISSIONS_MOST do
    task.submitting = true
    task_id, err = task.client.trainings:create(training.task_type, body)
    task.submitting = nil
    if task_id or not is_later(err) or attempt == SUBMISSIONS_MOST then
      break
    end
    task.client:sleep(training_steps.backoff(err, attempt))
  end
  return task_id, err
end

local function explain(err, training)
  if err.ambiguous then
    errors.reword(err, ("%s; the training %s may exist and be billed: look for it in the task list "
      .. "before you submit it again"):format(err.message, format.text(training.partial_body.name)))
  end
  return unpaid(err)
end

-- }======

-- Trainings take turns (client.training_permits), so only the first of them hold photos in memory;
-- each of the others waits with a single coroutine.
local function acquire_photo(task)
  local permit = task.client.photo_permits:acquire()
  task:set_stage "uploading"
  return permit
end

local function upload_in_turn(task, items, options)
  local _ <close> = task.client.training_permits:acquire()
  local ids = upload_photos(task, items, {
    limit = IN_MEMORY,
    acquire = function()
      return acquire_photo(task)
    end,
    prepare = function(item)
      return training_photos.prepare(item, options, task.client.loop)
    end,
    free = training_photos.free,
  })
  return ids
end

local function flow(training, items, options)
  return function(task)
    local uploaded, ids = pcall(upload_in_turn, task, items, options)
    if not uploaded then
      error(unpaid(ids), 0)
    end
    task:set_stage "submitting"
    local task_id, err = submit(task, training, ids)
    if not task_id then
      error(explain(err, training), 0)
    end
    task:watch(task_id)
  end
end

-- Checks that a client with a journal can record the training: again, and photos in files.
local function check_recorded(client, form, items, level)
  if not client.recorder and form.again ~= nil then
    error("again needs a client with a journal: novita.client { journal = ... }", level + 1)
  end
  for _, item in ipairs(client.recorder and items or {}) do
    if item.bytes then
      error("photos of a training with a journal must be files: it cannot store their bytes",
        level + 1)
    end
  end
end

-- One of many trainings: its warnings name it.
local function warn(client, training)
  local texts = {}
  for i, text in ipairs(training.warnings) do
    texts[i] = ("training %s: %s"):format(format.text(training.partial_body.name), text)
  end
  client:warn(texts)
end

--- Trains a model from photos.
---@param client novita.Client
---@param form novita.TrainParams
---@param level integer the stack level of the line that wrong use is reported at
---@return novita.Task task it has failed if a photo or the folder cannot be used: nothing was sent
local function train(client, form, level)
  local training = training_request.plan(form, level + 1, params.names(library_params))
  local options = usage_error.raise_at_caller(level, training_photos.preparation, training)
  local items, err = training_steps.find_photos(training)
  if not items then
    return tasks.failed(client, training.task_type, err, training.partial_body.name)
  end
  check_recorded(client, form, items, level + 1)
  warn(client, training)
  client:warn_once(training.left_out)
  if client.recorder then
    local recorded = client.recorder:flow(form, items, training.task_type)
    return tasks.start(client, training.task_type, recorded, training.partial_body.name)
  end
  return tasks.start(client, training.task_type, flow(training, items, options),
    training.partial_body.name)
end

return train
