--- The way of a training: photos, prepared pictures, assets, task.
-- Everything that can fail for free happens before the one call that costs money.

local errors = require "novita.base.error"
local error_codes = require "novita.http.error_codes"
local groups = require "novita.async.group"
local training_photos = require "novita.client.training_photos"
local prepare_op = require "novita.image.prepare_op"
local format = require "novita.schema.format"
local sleep = require("novita.async").sleep
local tasks = require "novita.client.task"
local training_request = require "novita.forms.training_request"

local IN_MEMORY <const> = 10 -- photos between their decoding and the end of their upload
local REFUSED_MOST <const> = 5 -- submissions again after "too many requests"

-- {====== photos ======

local function upload(task, source)
  local op
  local id, err = task.client.assets:upload(source, nil, function(started)
    op = started
    local _, size = op:sent_bytes()
    task.size = task.size + size
    task.uploading[op] = true
  end)
  if op and task.uploading then
    task.uploading[op] = nil
    task.sent = task.sent + select(2, op:sent_bytes())
  end
  return id, err
end

local function bring_up(task, item, wish)
  if item.assets_id then
    return item.assets_id
  end
  local source, err = training_photos.prepare(item, wish)
  local id
  if source then
    id, err = upload(task, source)
    training_photos.free(source)
  end
  return id or error(err, 0)
end

-- Prepares and uploads, overlapped: workers decode while others are on the wire.
local function bring_up_all(task, items, wish)
  local ids = {}
  task.photos, task.uploaded, task.sent, task.size = #items, 0, 0, 0
  task.uploading = {}
  task:set_stage "uploading"
  do
    local group <close> = groups.new { limit = IN_MEMORY }
    for i, item in ipairs(items) do
      group:spawn(function()
        ids[i] = bring_up(task, item, wish)
        task.uploaded = task.uploaded + 1
        task:set_stage "uploading"
      end)
    end
  end
  return ids
end

-- }======

-- {====== the paid call ======

-- "Too many requests" is a refusal: nothing was made and nothing is billed, so this
-- alone may be sent again. Everything else that is unclear is for the caller.
local function is_later(err)
  return err.status ~= nil and error_codes.class_of(err) == "later"
end

local function submit(task, plan, ids)
  local body = plan:body(ids)
  local task_id, err
  for attempt = 1, REFUSED_MOST do
    task.submitting = true
    task_id, err = task.client.training:create(plan.kind, body, plan.definition)
    task.submitting = nil
    if task_id or not is_later(err) or attempt == REFUSED_MOST then
      break
    end
    sleep(err.retry_after or 2 ^ attempt * (0.5 + math.random() / 2))
  end
  return task_id, err
end

local function explain(err, plan)
  if err.ambiguous then
    errors.reword(err, ("%s; the training %s may exist and be billed: look for it in the task list "
      .. "before you submit it again"):format(err.message, format.text(plan.draft.name)))
  end
  return err
end

-- }======

local function flow(plan, items, wish)
  return function(task)
    local ids = bring_up_all(task, items, wish)
    task:set_stage "submitting"
    local task_id, err = submit(task, plan, ids)
    if not task_id then
      error(explain(err, plan), 0)
    end
    task:watch(task_id)
  end
end

--- Trains a model from photos.
---@param client novita.Client
---@param form table see novita.forms.training_request; and `prepare`: options of
--- novita.image.prepare, or false to upload the photos as they are
---@param level integer whose line is blamed for wrong use
---@return novita.Task?
---@return novita.Error? err a photo or a folder that cannot be used; nothing was sent
local function train(client, form, level)
  local plan = training_request.plan(form, level + 1, { "prepare" })
  local wish = training_photos.preparation(plan)
  if wish then
    prepare_op.check(wish, level + 1)
  end
  local items, err = plan:resolve()
  err = err or training_photos.check(items, wish)
  if err then
    return nil, err
  end
  client:warn(plan.warnings)
  return tasks.start(client, plan.kind, flow(plan, items, wish))
end

return train
