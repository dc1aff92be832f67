--- The options of `start` and of faults: types, defaults and ranges, checked in the script's
-- process, so that a wrong one raises at the script's line.

local ascii = require "novita.base.ascii"
local schema = require "novita.schema.schema"
local service_options = require "novita.service.options"
local units_per_usd = require "novita.base.units_per_usd"
local usage_error = require "novita.schema.usage_error"

local options = {}

local FOREVER = 1e300 -- "never" in JSON

---@class novita.emulator.Options
---@field port? integer 0 to 65535; 0 (default) = any free port
---@field api_key? string the accepted API key; default: a random one
---@field speed? number emulator seconds per real second, >= 0; default 1
---@field slots? integer trainings that run at the same time, >= 1; default 2
---@field seconds_per_step? number emulator seconds a training step takes; default 0.02
---@field queue_seconds? number shortest time in QUEUING (math.huge: forever); default 1
---@field deploy_seconds? number from SUCCESS to SERVING; default 3
---@field image_queue_seconds? number shortest time in TASK_STATUS_QUEUED; default 0.5
---@field image_seconds? number per generated image; default 1
---@field presign_ttl? integer validity of an upload URL in seconds, 1 to 604800; default 600
---@field result_ttl? integer validity of a result URL in seconds, 1 to 604800; default 3600
---@field strict? boolean refuse what the documentation leaves open; default false
---@field list_mode? "plain"|"always_cursor" how the task list ends; default "plain"
---@field list_lag? number seconds until a new task appears in the list; default 0
---@field given_names? "as_sent"|"cut"|"nfc"|"lower" how lists give a task's name back: unchanged, cut at 64
--- bytes, in composed form, in lower case; default "as_sent"
---@field asset_ids? "hex"|"integer" default "hex"
---@field envelope? boolean wrap the txt2img response in {code,msg,data}; default false
---@field envelope_results? boolean the same for task-result; default false
---@field model_type? "lora"|"" the model_type in a training's status; default "lora"
---@field model_bytes? integer size of a trained model's file, 256 to 64 GiB; default 64 KiB
---@field model_links? boolean the list of models has download links; default true
---@field model_ranges? boolean the storage of models supports ranges; default true
---@field model_lag? number seconds from SERVING until a model is in the list; default 0
---@field nsfw_confidence? integer confidence of the detection for each image, 0 to 100; default 0
---@field webhook_timeout? number real seconds to wait for a receiver; default 5
---@field webhook_pause? number emulator seconds between two attempts; default 1
---@field bad_asset? "reject"|"fail" effect of a bad photo: 400 on create, or a task that fails
---@field missing_key_status? integer 400 (default), 401 or 403
---@field balance? integer units of 0.0001 USD; default: unlimited
---@field training_price? integer of a training, in units of 0.0001 USD; default 10000 (invented)
---@field image_price? integer of an image, in units of 0.0001 USD; default 25 (invented)
---@field upload_host? string host name of presigned URLs; default "127.0.0.1"
---@field body_limit? integer maximum bytes of a request body; default 64 MiB
---@field asset_memory? integer maximum bytes of stored photos; default 512 MiB
---@field log_limit? integer maximum length of the request log; default 2000
---@field history_limit? integer how many ended trainings, image tasks and webhooks it remembers of
--- each, and ten times as many photos, >= 8; default 20000
---@field public_loras? string[] names of LoRAs that everyone can use; default: none

local function number(name, default, min)
  return { name = name, type = "number", default = default, min = min, infinite = true }
end

local function integer(name, default, min, max)
  return { name = name, type = "integer", default = default, min = min, max = max }
end

local function choice(name, ...)
  return { name = name, type = "string", default = (...), values = { ... } }
end

local function with_rules_of_service(own)
  return table.move(service_options.rules, 1, #service_options.rules, #own + 1, own)
end

local MIB = 1024 * 1024

---@type novita.Rule
local definition = {
  type = "object",
  noun = "the emulator",
  member = "option",
  fields = with_rules_of_service {
    integer("port", 0, 0, 65535),
    { name = "api_key", type = "string", min = 1 },
    number("speed", 1, 0),
    integer("slots", 2, 1),
    number("seconds_per_step", 0.02, 0),
    number("queue_seconds", 1, 0),
    number("deploy_seconds", 3, 0),
    number("image_queue_seconds", 0.5, 0),
    number("image_seconds", 1, 0),
    number("list_lag", 0, 0),
    choice("given_names", "as_sent", "cut", "nfc", "lower"),
    choice("asset_ids", "hex", "integer"),
    integer("model_bytes", 64 * 1024, 256, 64 * 1024 * MIB),
    number("model_lag", 0, 0),
    integer("nsfw_confidence", 0, 0, 100),
    choice("bad_asset", "fail", "reject"),
    integer("balance", nil, 0),
    integer("training_price", units_per_usd, 0),
    integer("image_price", 25, 0),
    { name = "upload_host", type = "string", min = 1, default = "127.0.0.1" },
    integer("asset_memory", 512 * MIB, 0),
    integer("log_limit", 2000, 0),
    { name = "public_loras", type = "list", default = {}, items = { type = "string", min = 1 } },
  },
}

-- The options that may change while the emulator runs.
local adjustable = {
  slots = true, seconds_per_step = true, queue_seconds = true, deploy_seconds = true,
  image_queue_seconds = true, image_seconds = true, presign_ttl = true, result_ttl = true,
  list_mode = true, list_lag = true, given_names = true, asset_ids = true, envelope = true,
  bad_asset = true, balance = true, strict = true, envelope_results = true, model_type = true,
  model_links = true, model_ranges = true, model_lag = true, nsfw_confidence = true,
  webhook_timeout = true, webhook_pause = true, public_loras = true, history_limit = true,
}

-- "never" is math.huge for a script, and JSON cannot write that.
local function make_finite(read)
  for name, value in pairs(read) do
    if value == math.huge then
      read[name] = FOREVER
    end
  end
  return read
end

local function complete(given)
  return make_finite(schema.apply(definition, given))
end

local function check_changes(given)
  local read = complete(given)
  local changes = {}
  for name in pairs(given) do
    if not adjustable[name] then
      usage_error.raise("%s cannot change while the emulator runs", name)
    end
    changes[name] = read[name]
  end
  return changes
end

--- Checks the options of a new emulator and fills in the defaults.
---@param given novita.emulator.Options
---@param level integer whose line is blamed: 1 the caller of this function
---@return novita.emulator.Options
function options.complete(given, level)
  local read = usage_error.raise_at_caller(level, complete, given)
  return read
end

--- Checks the options that a running emulator is to change.
---@param given novita.emulator.Options
---@param level integer whose line is blamed: 1 the caller of this function
---@return novita.emulator.Options changes only the given ones
function options.changes(given, level)
  local changes = usage_error.raise_at_caller(level, check_changes, given)
  return changes
end

-- {====== faults ======

-- novita.emulator.fault_kinds has their functions, which need the service's state.
local KINDS <const> = { "big_body", "cut_body", "cut_upload", "date", "delay", "fin_after",
  "fin_before", "hang", "malformed", "reset_after", "reset_before", "short_page", "slow", "status" }

local function finite(name, min)
  return { name = name, type = "number", min = min }
end

---@type novita.Rule
local fault_definition = {
  type = "object",
  noun = "a fault",
  fields = {
    { name = "kind", type = "string", required = true, values = KINDS },
    { name = "route", type = "string", min = 1, default = "*" }, -- the service knows the names
    integer("times", nil, 0),
    { name = "forever", type = "boolean" },
    finite("seconds", 0),
    integer("skip", nil, 0),
    integer("every", nil, 1),
    { name = "after", type = "boolean" },
    integer("status", nil, 200, 599),
    { name = "body", type = "bytes", min = 0 },
    { name = "headers", type = "any" }, -- header_texts
    finite("delay", 0),
    finite("rate", 1),
    integer("bytes", nil, 1),
    { name = "share", type = "number", min = 0, max = 1, default = 0.5 },
    { name = "date", type = "string" },
    finite "offset",
    integer("entries", nil, 0),
  },
}

-- The field that a kind needs.
local needed = { status = "status", delay = "delay", slow = "rate", big_body = "bytes",
  short_page = "entries" }

-- Header lines that HTTP allows; libmicrohttpd refuses others.
local function is_line(name, text)
  return name:find "^[%w!#$%%&'*+.^_`|~-]+$" and not text:find "[\r\n\0]"
    and ascii.lower(name) ~= "content-length"
end

-- Values as strings: JSON would turn integers into floats.
local function header_texts(headers)
  local texts = {}
  for key, given in pairs(type(headers) == "table" and headers or { headers }) do
    local name, value = tostring(key), tostring(given)
    if type(headers) ~= "table" or not is_line(name, value) then
      usage_error.must_be("headers", "a table of names and values, without Content-Length",
        type(headers) == "table" and name .. ": " .. value or headers)
    end
    texts[name] = value
  end
  return texts
end

local function read_fault(given)
  local fault = schema.apply(fault_definition, given)
  local name = needed[fault.kind]
  if name and fault[name] == nil then
    usage_error.raise("a fault of the kind %s needs %s", fault.kind, name)
  elseif fault.kind == "short_page" and fault.route ~= "list" and fault.route ~= "models" then
    usage_error.must_be("route", '"list" or "models" for the kind short_page', fault.route)
  elseif fault.date and not is_line("Date", fault.date) then
    usage_error.must_be("date", "a text without line ends", fault.date)
  end
  fault.headers = fault.headers ~= nil and header_texts(fault.headers) or nil
  return fault
end

--- Checks a fault and copies it.
---@param given novita.emulator.Fault
---@param level integer whose line is blamed: 1 the caller of this function
---@return table fault complete, and can be written as JSON
function options.fault(given, level)
  local fault = usage_error.raise_at_caller(level, read_fault, given)
  return fault
end

-- }======

return options
