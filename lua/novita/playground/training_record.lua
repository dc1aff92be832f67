--- One training that was started here: what is kept of it, and what the page sees.

local json = require "novita.playground.json"

---@class novita.playground.TrainingRecord
---@field id string
---@field form table the params, without the photos
---@field photos { file: string, caption?: string, crop?: table }[] in the training's folder
---@field signature string of params, photos and service
---@field service string
---@field created_at integer unix seconds
---@field ended_at? integer
---@field task_type "subject"|"style"
---@field task_id? string
---@field model_name? string
---@field stage string as novita.Status has it, or "interrupted"
---@field error? { message: string, code: string, ambiguous?: boolean }
---@field status? table progress, only while it is watched
---@field task? novita.Task while it is watched
---@field unsaved? boolean its last state could not be written

local training_record = {}

---@param fields table id, form, signature, service
---@return novita.playground.TrainingRecord
function training_record.new(fields)
  fields.photos, fields.created_at, fields.stage = json.list {}, os.time(), "preparing"
  fields.task_type = fields.form.task_type
  return fields
end

local ENDS <const> = { serving = true, failed = true, canceled = true }

--- Whether the service has ended it.
---@param record novita.playground.TrainingRecord
---@return boolean
function training_record.has_ended(record)
  return record.ended_at ~= nil and ENDS[record.stage] or false
end

---@param record novita.playground.TrainingRecord
---@param status novita.Status
function training_record.set_status(record, status)
  record.stage, record.task_id = status.stage, status.task_id or record.task_id
  record.status = { percent = status.progress_percent, eta = status.eta, photos = status.images,
    uploaded = status.images_uploaded,
    last_error = status.last_error and status.last_error.message }
end

local function error_of(err)
  return { message = err.message, code = err.code, ambiguous = err.ambiguous }
end

---@param record novita.playground.TrainingRecord
---@param model? novita.Model
---@param err? novita.Error
function training_record.set_end(record, model, err)
  record.status, record.ended_at = nil, os.time()
  if model then
    record.stage, record.model_name = "serving", model.model_name
  else
    record.error = error_of(err)
  end
end

local KEPT <const> = { "id", "form", "photos", "signature", "service", "created_at", "ended_at",
  "task_type", "task_id", "model_name", "stage", "error" }

--- The fields that are kept.
---@param record novita.playground.TrainingRecord
---@return table
function training_record.saved(record)
  local copy = {}
  for _, name in ipairs(KEPT) do copy[name] = record[name] end
  return copy
end

--- A training of an earlier run.
---@param saved table
---@param id string
---@return novita.playground.TrainingRecord
function training_record.load(saved, id)
  saved.id, saved.created_at = id, tonumber(saved.created_at) or 0
  if not saved.ended_at then
    saved.stage = "interrupted"
  end
  return saved
end

--- The params with the photos, for client:train.
---@param record novita.playground.TrainingRecord
---@param folder novita.playground.Folder
---@return table
function training_record.form(record, folder)
  local form, images = {}, {}
  for name, value in pairs(record.form) do form[name] = value end
  for index, photo in ipairs(record.photos) do
    assert(photo.file:find "^%d+%.%l+$")
    images[index] = { path = folder:at("trainings", record.id, photo.file),
      caption = photo.caption, crop = photo.crop }
  end
  form.images = images
  return form
end

---@param record novita.playground.TrainingRecord
---@param service? string that is connected
---@return table
function training_record.view(record, service)
  return { id = record.id, name = record.form.name, task_type = record.task_type,
    base_model = record.form.base_model, photos = #record.photos, stage = record.stage,
    status = record.status, error = record.error, model_name = record.model_name,
    task_id = record.task_id, created_at = record.created_at, ended_at = record.ended_at,
    active = record.task ~= nil, prompt = record.form.instance_prompt,
    here = record.service == service }
end

local STAGES <const> = { QUEUING = "queuing", TRAINING = "training", SUCCESS = "succeeded",
  FAILED = "failed", CANCELED = "canceled" }

--- A training in the service's list.
---@param listed novita.ListedTraining
---@return table
function training_record.listed_view(listed)
  local model = listed.models[1]
  local serving = model and model.model_status == "SERVING"
  return { task_id = listed.task_id, task_type = listed.task_type,
    name = (listed.task_name or ""):gsub("^%x+%-%x+%-", ""), created_at = listed.created_at,
    stage = serving and "serving" or STAGES[listed.task_status] or "unknown",
    model_name = serving and model.model_name or nil }
end

return training_record
