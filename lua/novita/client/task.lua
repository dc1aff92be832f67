--- Task handles: the same thing for trainings and for image generation.
--
-- A task is a future. Its work up to the submission runs in a fiber. From then on it is only
-- watched, in C, and costs no coroutine. Scripts hold tens of thousands of tasks, so an attached
-- one has two fields: its op, which has the task id too, and who waits (waiters or listener). A
-- third would double its table. The fields that are the same for all tasks of a client and a kind
-- are in their class.

local methods = require "novita.base.methods"
local response = require "novita.http.response"
local error_codes = require "novita.http.error_codes"
local core = require "novita.core"
local errors = require "novita.base.error"
local Future = require "novita.async.future"
local result = require "novita.client.result"
local fibers = require "novita.async.fiber"
local format = require "novita.schema.format"
local Status = require "novita.client.status"
local waiting = require "novita.async.waiting"
local usage_error = require "novita.schema.usage_error"

---@class novita.Task
---@field task_id? string once the service has given one
---@field task_type "subject"|"style"|"image"|"upload"
---@field name? string of a training, as given to `train`
local Task = { __name = "novita.Task" }
for name, method in pairs(Future) do
  Task[name] = method
end

-- {====== progress ======

local function changed(self)
  local change = self.change
  if change then
    self.change = nil
    change:finish(true)
  end
end

--- For the flows: the stage before the service has the task.
---@package
function Task:set_stage(stage)
  self.stage = stage
  changed(self)
end

-- Called by the scheduler: the watched task has made progress, or the service has used a word that
-- novita does not know.
---@package
function Task:on_event(_, task_status, model_status)
  if task_status or model_status then
    self.unknown_words = { task_status = task_status, model_status = model_status }
  end
  if task_status then
    self.client:report_unknown("task_status", task_status, self.task_id)
  end
  if model_status then
    self.client:report_unknown("model_status", model_status, self.task_id)
  end
  changed(self)
end

local function sent_bytes(self)
  local sent, total = self.sent or 0, self.size or 0
  for op in pairs(self.uploading or {}) do
    sent = sent + op:sent_bytes()
  end
  return sent, total
end

local image_stages = { training = "generating", serving = "succeeded" }

local function watched(self, status)
  local stage, percent, eta, task_status, model_status, polls = self.op:progress()
  status.stage = self.task_type == "image" and image_stages[stage] or stage
  status.task_status, status.model_status = task_status, model_status
  status.progress_percent = percent and math.floor(percent)
  status.eta, status.polls = eta, polls
  status.last_error = self.op:last_error()
end

local is_training = {}
for _, name in ipairs(require("novita.fields.task_types").trainings) do
  is_training[name] = true
end

local function final_stage(task_type, value, err)
  if value ~= nil then
    return is_training[task_type] and "serving" or "succeeded"
  end
  local is_over = error_codes.ends_task(err)
  if err.kind == "canceled" or is_over and err.code == "CANCELED" then
    return "canceled"
  end
  return err.task_id and not is_over and "unknown" or "failed"
end

--- The status, without a request to the service. `tostring(status)` is a line for people:
--- `training    [#######.................]  31 %, 7 s left`.
---@return novita.Status
function Task:status()
  local status = {
    stage = self.stage,
    task_id = self.task_id,
    images = self.photos,
    images_uploaded = self.uploaded,
  }
  if self.photos then
    status.bytes_uploaded, status.bytes = sent_bytes(self)
  end
  if self.settled then
    status.stage = final_stage(self.task_type, self.value, self.err)
    status.task_status, status.model_status = Status.final_words(self.task_type, status.stage,
      self.err, self.unknown_words)
  elseif self.op then
    watched(self, status)
  end
  return setmetatable(status, Status)
end

-- The last poll's error, if the service does not know the id: a wrong one, or one of another type,
-- seems to be waited for without end.
local function unknown_id(self)
  local err = self.op and self.op:last_error()
  return err and error_codes.class_of(err) == "not_found" and err or nil
end

local articles = { image = "an" }

local function does_not_know(self)
  return ("the service does not know %s %s task %s, or not yet"):format(
    articles[self.task_type] or "a", self.task_type, self.task_id)
end

---@package
function Task:rest()
  return unknown_id(self) and does_not_know(self) or Future.rest()
end

-- It continues, and is or will be paid for: to train or generate again would pay twice.
---@package
function Task:is_repeatable()
  return self.task_type == "upload"
end

---@package
function Task:label()
  local id = self.task_id
  if self.name then
    return ("training %s%s: "):format(format.text(self.name), id and " " .. id or "")
  end
  return id and not unknown_id(self) and ("task %s: "):format(id) or ""
end

local function text_of(err)
  return err and err.message
end

local function differs(a, b)
  return not b
    or a.stage ~= b.stage
    or a.task_status ~= b.task_status
    or a.model_status ~= b.model_status
    or a.progress_percent ~= b.progress_percent
    or a.images_uploaded ~= b.images_uploaded
    or a.task_id ~= b.task_id
    or text_of(a.last_error) ~= text_of(b.last_error)
end

--- Iterates over the changes of the status, from the current one to the final one:
-- `for status in task:updates() do`.
---@param every? number seconds, above 0, after which the status is repeated even without a change
---@return fun(): novita.Status?
function Task:updates(every)
  if every ~= nil and not (type(every) == "number" and every > 0) then
    error(usage_error.wrong_value("every", "a number of seconds > 0", every), 2)
  end
  local shown, shown_at, over
  self.listens = true
  if self.op then
    self.op:listen(true)
  end
  return function()
    while not over do
      local status = self:status()
      local tick = every and shown and core.now() - shown_at >= every
      if self.settled or tick or differs(status, shown) then
        shown, shown_at, over = status, core.now(), self.settled
        return status
      end
      self.change = self.change or Future.new { loop = self.loop }
      waiting.wait(self.change, every and math.max(0, shown_at + every - core.now()))
    end
  end
end

-- }======

-- {====== the end ======

local function settle(self, value, err)
  if self.settled then
    return
  end
  local task_id = self.task_id
  self.op, self.flow, self.uploading = nil, nil, nil
  self.task_id = task_id
  if err and not err.task_id then
    err.task_id = self.task_id
  end
  local on_end = self.on_end
  if on_end then
    on_end(value, err)
  end
  Future.finish(self, value, err)
  changed(self)
end

local function refused(task_id, err)
  err = response.refine("task " .. task_id, err)
  if err.status then -- of a refused poll
    local more = err.code == "TASK_NOT_FOUND" and "; is the id right, and the key of its account?"
      or "; only the wait has ended: the task may continue at the service"
    errors.reword(err, err.message .. more)
  end
  return err
end

-- Called by the scheduler at the end of the watch, with the model's name or the last response's
-- body and the stage; or with nil and an error.
---@package
function Task:finish(last, stage)
  if last then
    local ok, value, err = pcall(result.read, self, last, stage)
    if not ok and errors.is_memory(value) then
      value, err = nil, errors.caught(value)
    elseif not ok then -- JSON, but not of the documented form
      value, err = nil, response.malformed("task " .. self.task_id, { status = 200, body = last },
        "is not as documented")
    end
    settle(self, value, err)
  else
    settle(self, nil, refused(self.task_id, stage))
  end
end

--- For the flows: the task has failed before it was watched.
---@package
function Task:fail(err)
  settle(self, nil, err)
end

--- For the flows of tasks that the service does not know: uploads.
---@package
function Task:succeed(value)
  settle(self, value)
end

local function canceled(self, why)
  local message, unknown = why, unknown_id(self)
  if unknown then
    message = why .. ": " .. does_not_know(self)
  elseif self.task_id then
    message = ("%s: no longer waiting for task %s, which continues at the service; "
      .. "client:attach resumes the wait"):format(why, self.task_id)
  elseif self.submitting then
    message = why .. " during the paid request: it may have been carried out, "
      .. "look for the task before paying again"
  end
  return errors.new {
    kind = "canceled",
    message = message,
    ambiguous = self.submitting or nil,
    cause = unknown,
  }
end

-- Whether the service has the task, or may have it.
local function at_service(self)
  return self.task_id ~= nil or self.submitting == true or self.value ~= nil
    or self.err ~= nil and self.err.ambiguous == true
end

--- Stops the work on our side and ends all waits with a `canceled` error.
-- The service cannot cancel a task: a submitted one continues there, and
-- `client:attach` resumes the wait.
---@param why? string how the error's message begins (default "canceled")
---@return boolean canceled false if the service has the task, or may have it
function Task:cancel(why)
  local gone = not at_service(self)
  if self.settled then
    return gone
  end
  local op, flow, err = self.op, self.flow, canceled(self, why or "canceled")
  settle(self, nil, err)
  if op then
    self.loop:drop(op)
  end
  if flow then
    fibers.cancel(flow)
  end
  return gone
end

---@package
function Task:client_closed()
  self:cancel "the client was closed"
end

function Task:__close()
  if not self.client:inherited() then -- else the task belongs to the parent process
    self:cancel()
  end
end

-- }======

function Task:__tostring()
  local name = self.name and " " .. format.text(self.name) or ""
  local id = self.task_type ~= "upload" and " " .. (self.task_id or "not submitted") or ""
  return ("novita.Task (%s%s%s, %s)"):format(self.task_type, name, id, self:status().stage)
end

-- Few values, for the stack of the coroutine that attaches: see novita.async.waiting.
local function begin(self, task_id)
  self.op = self.client.core:watch(self, self.task_type, task_id)
  self.loop:wake_up()
  return self
end

--- Starts the watch: the service has the task now.
---@param task_id string
---@package
function Task:watch(task_id)
  if self.settled then -- canceled just when the response came
    self.task_id = task_id
    local err = canceled(self, "canceled")
    self.err.message, self.err.task_id, self.err.ambiguous = err.message, task_id, nil
    return
  end
  self.uploading = nil
  local client = self.client
  local ok, op = pcall(client.core.watch, client.core, self, self.task_type, task_id,
    client.poll_first)
  if not ok then -- out of memory: the error must have the id of what was paid for
    self.task_id = task_id
    error(op, 0)
  end
  self.op = op
  if self.listens then
    self.op:listen(true)
  end
  self.loop:wake_up()
  changed(self)
end

methods.need_colon(Task, "task", { "status", "updates", "cancel", "wait", "done", "result" })

-- The fiber of a flow, as the scheduler sees it.
local Flow = {}

function Flow:ended(ok, err)
  local task = self.task
  task.flow, task.client.flows[task] = nil, nil
  if not ok then
    err = errors.caught(err)
    if task.submitting then -- it ended during the paid request
      errors.mark_ambiguous(err)
    end
    task:fail(err)
  end
end

local function subclass(base, fields)
  for name, method in pairs(base) do
    fields[name] = method
  end
  fields.__index = fields
  return fields
end

-- While a task is watched, its op has the id.
local function index_of(class)
  return function(task, name)
    local value = class[name]
    if value == nil and name == "task_id" then
      local op = rawget(task, "op")
      return op and op:task_id()
    end
    return value
  end
end

-- The class of a client's tasks of one type.
local function class_of(client, task_type)
  local class = client.task_classes[task_type]
  if not class then
    class = subclass(Task, { task_type = task_type, client = client, loop = client.loop })
    class.__index = index_of(class)
    client.task_classes[task_type] = class
  end
  return class
end

local function new(client, task_type, fields)
  return setmetatable(fields, class_of(client, task_type))
end

local function flow_of(task)
  local client = task.client
  client.flow_class = client.flow_class or subclass(Flow, { loop = client.loop, members = {} })
  return setmetatable({ task = task }, client.flow_class)
end

local tasks = {}

--- Creates a task whose work is `flow(task)`, and starts it.
---@param client novita.Client
---@param task_type "subject"|"style"|"image"|"upload"
---@param flow fun(task: novita.Task)
---@param name? string
---@return novita.Task
function tasks.start(client, task_type, flow, name)
  local task = new(client, task_type, { stage = "preparing", name = name })
  task.flow = flow_of(task)
  client.flows[task] = true
  fibers.start(task.flow, flow, task)
  return task
end

--- Creates a task that has failed before it began: its input cannot be used.
---@param client novita.Client
---@param task_type "subject"|"style"|"image"|"upload"
---@param err novita.Error
---@param name? string
---@return novita.Task
function tasks.failed(client, task_type, err, name)
  local task = new(client, task_type, { name = name })
  task:fail(err)
  return task
end

--- Creates a task that has ended, from the event of a webhook.
---@param client novita.Client
---@param event novita.WebhookEvent
---@return novita.Task?
---@return novita.Error? err the images are not as documented
function tasks.finished(client, event)
  local task = new(client, "image", { task_id = event.task_id })
  local ok, images, err = pcall(result.of_value, task, event.payload, event.stage)
  if not ok and errors.is_memory(images) then
    error(images, 0)
  elseif not ok then
    return nil, errors.new {
      kind = "protocol",
      code = "malformed",
      message = "webhook: the event of a finished task has no images",
    }
  end
  settle(task, images, err)
  return task
end

--- Creates a handle for a task that is already at the service.
---@param client novita.Client
---@param task_type "subject"|"style"|"image"
---@param task_id string
---@return novita.Task
function tasks.attach(client, task_type, task_id)
  local class = client.task_classes[task_type] or class_of(client, task_type)
  return begin(setmetatable({ op = nil, waiters = nil }, class), task_id)
end

return tasks
