--- Trainings, as plain requests. `client:train` does all steps.

local endpoint = require "novita.api.endpoint"
local methods = require "novita.base.methods"
local request = require "novita.http.request"
local coerce = require "novita.json.coerce"
local schema = require "novita.schema.schema"
local training_list = require "novita.api.training_list"
local usage_error = require "novita.schema.usage_error"

local bodies = {
  subject = require "novita.fields.subject_training",
  style = require "novita.fields.style_training",
}

---@class novita.Trainings
local Trainings = { __name = "novita.Trainings" }
Trainings.__index = Trainings

local kind_rule = { type = "string", values = require("novita.fields.task_types").trainings }

local function check_kind(task_type)
  schema.check(kind_rule, task_type, { path = "task_type", level = 3 })
end

---@class novita.TrainingState
---@field task_id? string
---@field task_status string "UNKNOWN" if missing
---@field model_type string "lora"; the service also writes "" and means the same
---@field models { model_name: string, model_status?: string }[]
---@field extra { eta_relative?: number, progress_percent?: number } seconds, 0 to 100

local function read_state(value)
  local extra = coerce.object(value.extra)
  return {
    task_id = coerce.id(value.task_id),
    task_status = coerce.word(value.task_status) or "UNKNOWN",
    model_type = coerce.word(value.model_type) or "lora",
    models = training_list.models(value.models),
    extra = {
      eta_relative = coerce.eta(extra.eta_relative),
      progress_percent = coerce.percent(extra.progress_percent),
    },
  }
end

--- Creates a training from a complete body. It costs money and is sent once. An unknown field
-- raises; the service checks everything else.
-- API pages: "LoRA for Subject Training", "LoRA for Style Training".
---@param task_type "subject"|"style"
---@param body novita.body.SubjectTraining|novita.body.StyleTraining
---@return string? task_id
---@return novita.Error? err `err.ambiguous`: the training may exist although the response was lost
function Trainings:create(task_type, body)
  check_kind(task_type)
  usage_error.raise_at_caller(1, schema.check_names, bodies[task_type], body)
  return request.create(self.client, endpoint("create_" .. task_type, {
    body = body,
    definition = bodies[task_type],
    timeout = self.client.paid_seconds,
  }))
end

--- The same for a body that is checked, if it leaves in time.
---@param task_type "subject"|"style"
---@param body table
---@param send_by? number see novita.ApiRequest
---@param watchdog? boolean
---@return string? task_id
---@return novita.Error? err
---@package
function Trainings:create_by(task_type, body, send_by, watchdog)
  return request.create(self.client, endpoint("create_" .. task_type, {
    body = body,
    definition = bodies[task_type],
    timeout = self.client.paid_seconds,
    send_by = send_by,
    watchdog = watchdog,
  }))
end

--- Gets one training.
---@param task_id string
---@param task_type "subject"|"style"
---@return novita.TrainingState?
---@return novita.Error? err
function Trainings:get(task_id, task_type)
  check_kind(task_type)
  request.check_id(task_id)
  local value, err = request.json(self.client, endpoint("get_" .. task_type, {
    query = { "task_id", task_id },
  }))
  if not value then
    return nil, err
  end
  return read_state(value)
end

--- Lists the trainings of the account, of both kinds: `for task in client.trainings:list {} do`.
-- The loop raises an error object if the service fails; `:all()` returns nil, err instead.
-- API page: "LoRA for Subject Training", "List".
---@param filter? novita.TrainingFilter
---@return novita.Listing tasks novita.ListedTraining each
function Trainings:list(filter)
  local tasks = training_list.open(self.client, filter, 2)
  return tasks
end

--- Iterates over all trainings, in search of some names; with a filter, over those that it selects
-- and that have such a name.
---@param is_wanted fun(task_name: string): boolean
---@param filter? novita.TrainingFilter
---@return novita.Listing
---@package
function Trainings:search(is_wanted, filter)
  local tasks = training_list.search(self.client, is_wanted, filter, 2)
  return tasks
end

methods.need_colon(Trainings, "client.trainings", { "create", "get", "list" })

return function(client)
  return setmetatable({ client = client }, Trainings)
end
