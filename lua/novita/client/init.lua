--- A client: one account at one service, its connections and its tasks.
--
-- Everything beyond waiting is loaded on first use: the fields of the forms and their checks are
-- most of the library.

local core = require "novita.core"
local errors = require "novita.base.error"
local methods = require "novita.base.methods"
local options = require "novita.client.options"
local caller = require "novita.async.caller"
local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"
local tasks = require "novita.client.task"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.Client
---@field assets novita.Assets
---@field trainings novita.Trainings
---@field images novita.Images
---@field models novita.Models
---@field account novita.Account
local Client = { __name = "novita.Client" }

-- The plain requests, one part for each resource.
local parts = {
  assets = "novita.api.assets",
  trainings = "novita.api.trainings",
  images = "novita.api.images",
  models = "novita.api.models",
  account = "novita.api.account",
}

local function part_text(part)
  return ("%s (%s)"):format(getmetatable(part).__name, part.client.base_url)
end

-- The names of the other SDKs, and of earlier versions.
local elsewhere = {
  create_training_subject = "client:train", create_training_style = "client:train",
  createTrainingSubject = "client:train", createTrainingStyle = "client:train",
  list_training = "client.trainings:list", listTraining = "client.trainings:list",
  query_training_subject_status = "client.trainings:get",
  query_training_style_status = "client.trainings:get",
  create_training_assets = "client:upload", upload_training_assets = "client:upload",
  txt2img = "client:generate", img2img = "client:generate", async_txt2img = "client:generate",
  async_img2img = "client:generate", txt2Img = "client:generate", img2Img = "client:generate",
  httpFetch = "client:request", progress = "client.images:get", wait = "task:wait",
  list_models = "client.models:list", models_v3 = "client.models:list",
  training = "client.trainings", user_info = "client.account:get",
  balance = "client.account:balance",
}

local METHODS <const> = {
  "train", "generate", "attach", "upload", "request", "group", "sleep", "close" }

-- Only a probable slip is refused: a script may keep its data in fields of a client.
local function refuse_slip(name)
  local names = table.move(METHODS, 1, #METHODS, 1, {})
  for part in pairs(parts) do
    names[#names + 1] = part
  end
  table.sort(names)
  local meant = elsewhere[name] or require "novita.schema.did_you_mean"(name, names)
  if meant then
    error(("a client has no %s: did you mean %s?"):format(name, meant), 3)
  end
end

function Client:__index(name)
  local module = parts[name]
  if not module then
    local method = Client[name]
    if method == nil and type(name) == "string" then
      refuse_slip(name)
    end
    return method
  end
  local part = require(module)(self)
  getmetatable(part).__tostring = part_text -- the same for all parts
  self[name] = part
  return part
end

local function log_on_stderr(level, text)
  io.stderr:write("novita: ", level, ": ", text, "\n")
end

--- Opens a client. Nothing is sent before the first call.
-- Raises when the options are wrong or when there is no API key.
---@param written? novita.ClientOptions
---@param record? fun(client: novita.Client, options: table): table opens the journal of the client
---@return novita.Client
local function new(written, record)
  local made = usage_error.raise_at_caller(1, options.read, written or {})
  local loop = scheduler.for_client(made.loop)
  local handle, err = core.client(loop:core(), made)
  if not handle and err.kind == "protocol" then
    error("base_url: " .. err.message, 2)
  elseif not handle then
    error(err, 0) -- out of memory or descriptors: not an error of the script
  end
  local client = setmetatable({
    core = handle,
    loop = loop,
    closed = false,
    recorder = false, -- of the option `journal`
    clock_offset = false, -- seconds, once a response shows it
    flow_class = false, -- of novita.client.task
    flows = {}, -- tasks that are not submitted yet
    task_classes = {}, -- by kind
    groups = setmetatable({}, { __mode = "k" }),
    base_url = made.base_url,
    uploads = made.uploads,
    photo_permits = semaphore(loop, made.photos),
    training_permits = semaphore(loop, made.photos), -- trainings that prepare photos: each has one
    call_seconds = made.call_timeout,
    paid_seconds = made.paid_timeout,
    log = made.log or log_on_stderr,
    poll_first = made.poll_first,
    unknown_timeout = made.poll_unknown_timeout,
    reported = {}, -- words of the service that were not known, and warnings of warn_once
  }, Client)
  if made.journal then
    client.recorder = record(client, made)
  end
  return client
end

-- The core of a closed client: every access raises at the script's line.
local nothing = setmetatable({}, {
  __index = function()
    caller.raise "the client is closed"
  end,
})

-- Calls no function: one more call would cost 64 bytes of each coroutine that attaches.
local function check_open(self)
  if self.closed then
    error("the client is closed", 3)
  end
end

--- Trains a model from photos: prepares and uploads them, submits the training and
-- watches it until the model serves. Checks everything first.
-- API pages: "LoRA for Subject Training", "LoRA for Style Training".
---@param form novita.TrainParams see docs/training.md
---@return novita.Task task its result is a novita.Model; it has failed already if the folder or a
--- photo cannot be used: nothing was sent then
function Client:train(form)
  check_open(self)
  local train = require "novita.client.train"
  local task = train(self, form, 2) -- no tail call: the level counts this frame
  return task
end

--- Generates images from a prompt, with trained models; from another image if there is an `image`.
-- API pages: "Text to Image", "Image to Image".
---@param params novita.GenerateParams see docs/training.md
---@return novita.Task task its result is a list of novita.GeneratedImage; it has failed already if
--- an image cannot be used: nothing was sent then
function Client:generate(params)
  check_open(self)
  local task = require("novita.client.generate")(self, params, 2)
  return task
end

local type_rule = { type = "string", values = require("novita.fields.task_types").all }
local known_types = {}
for _, name in ipairs(type_rule.values) do
  known_types[name] = true
end

-- Only { task_id =, task_type = } is checked for unknown names. An entry of a list has more fields.
local function check_task(which)
  if type(which) ~= "table" then
    usage_error.must_be("attach", "given { task_id =, task_type = } or an entry of trainings:list",
      which)
  elseif getmetatable(which) == nil then
    schema.refuse_unknown(which, { "task_id", "task_type" }, "", { noun = "attach" })
  end
  local task_id, task_type = which.task_id, which.task_type
  if type(task_id) ~= "string" or task_id == "" or #task_id > 255 or task_id:find "%c" then
    usage_error.must_be("task_id", "a string of 1 to 255 characters", task_id)
  end
  schema.apply(type_rule, task_type, { path = "task_type" })
end

--- Creates a task handle from an id, to wait for a task of another run.
---@param which { task_id: string, task_type: "subject"|"style"|"image" } or an entry of
--- client.trainings:list, a model or a job
---@return novita.Task
function Client:attach(which)
  check_open(self)
  -- A full check takes a pcall, which would double the stack of the coroutine that attaches. An
  -- argument that is obviously right skips it.
  local unsure = type(which) ~= "table" or getmetatable(which) or not known_types[which.task_type]
    or type(which.task_id) ~= "string" or not which.task_id:find "^[%w-]+$" or #which.task_id > 255
  if not unsure then
    unsure = next(which)
    unsure = next(which, unsure)
    unsure = next(which, unsure)
  end
  if unsure then
    usage_error.raise_at_caller(1, check_task, which)
  end
  return tasks.attach(self, which.task_type, which.task_id)
end

--- Uploads photos as they are, many at once. The first failure ends it.
---@param images string|(string|novita.Photo)[]|novita.Dataset as for novita.dataset
---@return novita.Task task its result is a novita.Dataset, for `images` of a training; it has failed
--- already if a photo cannot be used: nothing was sent then
function Client:upload(images)
  check_open(self)
  local task = require "novita.client.upload"(self, images, 2) -- the level counts this frame
  return task
end

--- Sends a request to any endpoint of the API. GET may be repeated after a failure; POST is sent
--- once, because it may cost money: after a lost response its error is `ambiguous`.
---@param method "GET"|"POST"
---@param path string of the API, such as "/v3/user"; never another host
---@param extra? novita.RequestOptions
---@return table? value the decoded response
---@return novita.Error? err
function Client:request(method, path, extra)
  check_open(self)
  local value, err = require "novita.client.request"(self, method, path, extra, 2)
  if value == nil then -- no tail call: the level counts this frame
    return nil, err
  end
  return value
end

--- Makes the task of an event that client.images:parse_webhook has read.
---@param event novita.WebhookEvent
---@return novita.Task?
---@return novita.Error? err the event is not as documented
---@package
function Client:finished_task(event)
  return tasks.finished(self, event)
end

--- Reports a word of the service that novita does not know, once for each word.
---@param field "task_status"|"model_status"
---@param word string
---@param task_id string
---@package
function Client:report_unknown(field, word, task_id)
  local key = field .. " " .. word
  if self.reported[key] then
    return
  end
  self.reported[key] = true
  local text = ("task %s has the %s %s, which this version of novita does not know; the wait "
    .. "continues for %g s (poll.unknown_timeout)"):format(task_id, field, word,
    self.unknown_timeout)
  if not pcall(self.log, "warning", text) then
    log_on_stderr("warning", text) -- an error of the script's function would end another wait
  end
end

--- Passes warnings to the script.
---@package
function Client:warn(warnings)
  for _, text in ipairs(warnings) do
    self.log("warning", text)
  end
end

--- The same for a warning that does not change, such as one about a folder.
---@param text? string
---@package
function Client:warn_once(text)
  if text and not self.reported[text] then
    self.reported[text] = true
    self:warn { text }
  end
end

--- Makes a group of coroutines of the client's loop; declare it `<close>`. See docs/waiting.md.
---@param wanted? novita.GroupOptions
---@return novita.Group
function Client:group(wanted)
  check_open(self)
  local group = require("novita.async.group").new(self.loop, wanted, self.log)
  self.groups[group] = true
  return group
end

--- Waits: suspends this coroutine, the others keep running; blocks a plain script.
---@param seconds number
function Client:sleep(seconds)
  check_open(self)
  require "novita.async.sleep"(self.loop, seconds)
end

-- After Ctrl-C, before anything is canceled.
local function report_interrupted(self, watched)
  local interrupted = require "novita.client.interrupted"
  local paid = {}
  for task in pairs(self.flows) do
    paid[#paid + 1] = interrupted.is_paid(task) and task or nil
  end
  for _, task in ipairs(watched) do
    paid[#paid + 1] = interrupted.is_paid(task) and task or nil
  end
  for _, text in ipairs(interrupted.lines(self, paid)) do
    if not pcall(self.log, "warning", text) then
      log_on_stderr("warning", text)
    end
  end
end

--- Closes the client. Everything in progress ends with a `canceled` error.
function Client:close()
  if self.closed then
    return
  end
  local core_client = self.core
  self.closed, self.core = true, nothing
  local watched = core_client:close()
  if self.loop.interrupted then
    report_interrupted(self, watched)
  end
  for flow in pairs(self.flows) do -- tasks, and runs of batches
    flow:client_closed()
  end
  for _, continuation in ipairs(watched) do
    continuation:finish(nil, errors.new { kind = "canceled", message = "the client was closed" })
  end
  if self.recorder then
    self.recorder:close()
  end
  for group in pairs(self.groups) do
    group:refuse()
  end
  self.loop:wake_up()
end

--- Whether the client belongs to the process that has forked this one. This process may have other
-- clients, which it opened itself.
---@package
function Client:inherited()
  return self.loop:inherited()
end

-- At the end of a block and in the collector. In a child made by fork the client is the parent's.
local function leave(self)
  if not self:inherited() then
    self:close()
  end
end

Client.__close, Client.__gc = leave, leave

function Client:__tostring()
  return ("novita.Client (%s)"):format(self.base_url)
end

methods.need_colon(Client, "client", METHODS)

return new
