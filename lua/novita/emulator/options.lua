--- The options of `start`: their types, defaults and ranges, checked before anything runs.

local options = {}

local FOREVER = 1e300 -- how "never" travels through JSON

---@class novita.emulator.Options
---@field port? integer 0 to 65535; 0 (default) takes a free one
---@field key? string the accepted API key; default: a random one
---@field speed? number emulator seconds in a real second, >= 0; default 1
---@field slots? integer trainings that run at the same time, >= 1; default 2
---@field seconds_per_step? number emulator seconds a training step takes; default 0.02
---@field queue_seconds? number least time in QUEUING (math.huge: for ever); default 1
---@field deploy_seconds? number from SUCCESS to SERVING; default 3
---@field image_queue_seconds? number least time in TASK_STATUS_QUEUED; default 0.5
---@field image_seconds? number a generated picture takes; default 1
---@field presign_ttl? integer seconds an upload URL is good for, 1 to 604800; default 600
---@field result_ttl? integer seconds a result URL is good for, 1 to 604800; default 3600
---@field strict? boolean refuse what the pages leave open; default false
---@field list_mode? "plain"|"always_cursor" how the task list ends; default "plain"
---@field list_lag? number seconds until a new task shows in the list; default 0
---@field asset_ids? "hex"|"integer" default "hex"
---@field envelope? boolean answer txt2img as {code,msg,data}; default false
---@field envelope_results? boolean the same for task-result; default false
---@field model_type? "lora"|"" what a training's status calls its model; default "lora"
---@field model_bytes? integer size of a trained model's file, >= 256; default 64 KiB
---@field model_links? boolean the list of models has download links; default true
---@field model_ranges? boolean the storage of models knows ranges; default true
---@field model_lag? number seconds from SERVING until a model is in the list; default 0
---@field nsfw_confidence? integer what detection says of each picture, 0 to 100; default 0
---@field webhook_timeout? number real seconds a receiver may take; default 5
---@field webhook_pause? number emulator seconds between two attempts; default 1
---@field bad_asset? "reject"|"fail" what a bad photo does: 400 on create, or a task that fails
---@field missing_key_status? integer 400 (default), 401 or 403
---@field balance? integer units of 0.0001 USD; default: no end of it
---@field training_price? integer units of 0.0001 USD a training costs; default 10000 (invented)
---@field image_price? integer units of 0.0001 USD a picture costs; default 25 (invented)
---@field upload_host? string host name of presigned URLs; default "127.0.0.1"
---@field body_limit? integer most bytes of a request body; default 64 MiB
---@field asset_memory? integer most bytes of photos that are kept; default 512 MiB
---@field log_limit? integer most requests that the log keeps; default 2000

local function number(default, min, max)
  return { type = "number", default = default, min = min, max = max or math.huge }
end

local function integer(default, min, max)
  return { type = "integer", default = default, min = min, max = max or math.maxinteger }
end

local function choice(...)
  return { type = "choice", default = (...), allowed = { ... } }
end

local MIB = 1024 * 1024

local known = {
  port = integer(0, 0, 65535),
  key = { type = "string" },
  speed = number(1, 0),
  slots = integer(2, 1),
  seconds_per_step = number(0.02, 0),
  queue_seconds = number(1, 0),
  deploy_seconds = number(3, 0),
  image_queue_seconds = number(0.5, 0),
  image_seconds = number(1, 0),
  presign_ttl = integer(600, 1, 604800),
  result_ttl = integer(3600, 1, 604800),
  strict = { type = "boolean", default = false },
  list_mode = choice("plain", "always_cursor"),
  list_lag = number(0, 0),
  asset_ids = choice("hex", "integer"),
  envelope = { type = "boolean", default = false },
  envelope_results = { type = "boolean", default = false },
  model_type = choice("lora", ""),
  model_bytes = integer(64 * 1024, 256, 256 * MIB),
  model_links = { type = "boolean", default = true },
  model_ranges = { type = "boolean", default = true },
  model_lag = number(0, 0),
  nsfw_confidence = integer(0, 0, 100),
  webhook_timeout = number(5, 0.01),
  webhook_pause = number(1, 0),
  bad_asset = choice("fail", "reject"),
  missing_key_status = integer(400, 400, 403),
  balance = { type = "integer", min = 0, max = math.maxinteger },
  training_price = integer(10000, 0),
  image_price = integer(25, 0),
  upload_host = { type = "string", default = "127.0.0.1" },
  body_limit = integer(64 * MIB, 1),
  asset_memory = integer(512 * MIB, 0),
  log_limit = integer(2000, 0),
}

-- options that may change while the emulator runs
options.adjustable = {
  slots = true, seconds_per_step = true, queue_seconds = true, deploy_seconds = true,
  image_queue_seconds = true, image_seconds = true, presign_ttl = true, result_ttl = true,
  list_mode = true, list_lag = true, asset_ids = true, envelope = true, bad_asset = true,
  balance = true, strict = true, envelope_results = true, model_type = true, model_links = true,
  model_ranges = true, model_lag = true, nsfw_confidence = true, webhook_timeout = true,
  webhook_pause = true,
}

local function in_range(rule, value)
  return value >= rule.min and value <= rule.max
end

local function range_text(rule)
  if rule.max == math.huge or rule.max == math.maxinteger then
    return ("at least %s"):format(rule.min)
  end
  return ("%s to %s"):format(rule.min, rule.max)
end

local fits = {}

function fits.string(_, value)
  return type(value) == "string" and value ~= "", "a string that is not empty"
end

function fits.boolean(_, value)
  return type(value) == "boolean", "true or false"
end

function fits.number(rule, value)
  return type(value) == "number" and in_range(rule, value), "a number, " .. range_text(rule)
end

function fits.integer(rule, value)
  local whole = type(value) == "number" and math.tointeger(value)
  return whole and in_range(rule, whole), "a whole number, " .. range_text(rule)
end

function fits.choice(rule, value)
  for _, allowed in ipairs(rule.allowed) do
    if value == allowed then return true end
  end
  return false, "one of " .. table.concat(rule.allowed, ", ")
end

local function check(name, value, level)
  local rule = known[name]
  if not rule then error(("emulator: unknown option '%s'"):format(tostring(name)), level + 1) end
  local ok, wanted = fits[rule.type](rule, value)
  if not ok then
    error(("emulator: %s = %s: must be %s"):format(name, tostring(value), wanted), level + 1)
  end
  if rule.type == "number" then return math.min(value, FOREVER) end
  return rule.type == "integer" and math.tointeger(value) or value
end

--- Checks what the script gave; a wrong or unknown option raises at `level`.
---@param given table<string, any>
---@param level integer 1 = the caller of this function
---@return table<string, any>
function options.checked(given, level)
  local result = {}
  for name, value in pairs(given) do result[name] = check(name, value, level + 1) end
  return result
end

--- The same with every default filled in.
---@param given table<string, any>
---@param level integer
---@return novita.emulator.Options
function options.complete(given, level)
  local result = options.checked(given, level + 1)
  for name, rule in pairs(known) do
    if result[name] == nil then result[name] = rule.default end
  end
  return result
end

return options
