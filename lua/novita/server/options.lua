--- The options of a server: types, defaults and ranges, checked in the script's process, so that a
--- wrong one raises at the script's line.

local generators = require "novita.server.generators"
local lfs = require "lfs"
local schema = require "novita.schema.schema"
local trainers = require "novita.server.trainers"
local usage_error = require "novita.schema.usage_error"

local options = {}

---@class novita.server.Options
---@field data string the folder for everything that must not be lost
---@field trainer string[]|string the program of the trainer and its arguments; or "peft", "kohya" or
--- "diffusers", in a list with more arguments for it; see docs/server.md
---@field trainer_scripts? string the folder with the scripts of peft, kohya or diffusers
---@field python? string the Python that runs them; default "python3"
---@field base_models table<string, novita.server.BaseModel> by the name that requests use
---@field generator? string|string[] makes images: the URL of a server with /sdapi/v1/txt2img, or a
--- program and its arguments: sd-cli, or one that is called by our contract; see docs/server.md
---@field generator_slots? integer image tasks at the same time; default 1
---@field generator_timeout? number seconds of an image task; default 3600
---@field keys? table<string, string> the key of each account, by its name; only hashes are kept;
--- default: those of `novita serve key add`
---@field slots? integer GPUs; default 1
---@field queue_limit? integer trainings of one key that may wait; default 1000
---@field address? string a number; default "127.0.0.1"; one that others can reach needs TLS
---@field port? integer 0 to 65535; 0 (default) = any free port
---@field certificate? string a file with the certificates of the server, in PEM: with TLS
---@field private_key? string a file with their key
---@field public_url? string the URL that clients reach it by; default: of its address and port
---@field on_restart? "again"|"fail" what becomes of a training that ran when the server ended;
--- default "again"
---@field keep? number days after which photos and logs are removed, at least 1; default 30
---@field keep_models? number days after which trainings with their models are removed, at least 1;
--- default: never
---@field min_free? number bytes of the disk that are left free: with less, photos and trainings
--- must wait; default 1000000000
---@field photo_limit? number bytes that the photos of one key may take: with more, its next ones
--- must wait; default 10000000000
---@field log? boolean write a line of JSON on standard error for each event; default false
---@field body_limit? integer bytes of a request; default 64 MiB
---@field environment? table<string, string> of the trainer and the generator
---@field timeout? number seconds of a training; default 24 h
---@field silence? number seconds without output; default 1 h
---@field grace? number seconds from SIGTERM to SIGKILL; default 10

local MIB <const> = 1024 * 1024
local TRAINER <const> = 'a list such as { "/usr/bin/train" }, "peft", "kohya" or "diffusers"'

local definition = { type = "object", noun = "a server", member = "option", fields = {
  { name = "data", type = "bytes", required = true },
  { name = "trainer", type = "any", required = true, expects = TRAINER },
  { name = "trainer_scripts", type = "bytes" },
  { name = "python", type = "bytes", default = "python3" },
  { name = "base_models", type = "table", required = true },
  { name = "generator", type = "any" }, -- check_generator
  { name = "generator_slots", type = "integer", default = 1, min = 1, max = 1024 },
  { name = "generator_timeout", type = "number", default = 3600, above = 0 },
  { name = "keys", type = "table" },
  { name = "slots", type = "integer", default = 1, min = 1, max = 1024 },
  { name = "queue_limit", type = "integer", default = 1000, min = 0 },
  { name = "address", type = "string", default = "127.0.0.1" },
  { name = "port", type = "integer", default = 0, min = 0, max = 65535 },
  { name = "certificate", type = "bytes" },
  { name = "private_key", type = "bytes" },
  { name = "public_url", type = "string" },
  { name = "on_restart", type = "string", default = "again", values = { "again", "fail" } },
  -- less would remove what clients have not fetched yet
  { name = "keep", type = "number", default = 30, min = 1 },
  { name = "keep_models", type = "number", min = 1 },
  { name = "min_free", type = "number", default = 1e9, min = 0 },
  { name = "photo_limit", type = "number", default = 1e10, above = 0 },
  { name = "log", type = "boolean", default = false },
  { name = "body_limit", type = "integer", default = 64 * MIB, min = 1 },
  { name = "environment", type = "table" },
  { name = "timeout", type = "number", above = 0 },
  { name = "silence", type = "number", above = 0 },
  { name = "grace", type = "number", min = 0 },
} }

-- {====== rules that a definition cannot say ======

local function full(path)
  return path and path:sub(1, 1) ~= "/" and ("%s/%s"):format(lfs.currentdir(), path) or path
end

-- A trainer starts in the folder of its task, where a relative path would lead elsewhere.
local function absolute(path)
  return path and path:find "/" and full(path) or path
end

local function check_trainer(all)
  if type(all.trainer) == "string" then
    all.trainer = { all.trainer }
  elseif type(all.trainer) ~= "table" or type(all.trainer[1]) ~= "string" then
    usage_error.must_be("trainer", TRAINER, all.trainer)
  end
  all.trainer = table.move(all.trainer, 1, #all.trainer, 1, {})
  all.trainer[1] = absolute(all.trainer[1])
  all.trainer_scripts, all.python = absolute(all.trainer_scripts), absolute(all.python)
  local why = trainers.fault(all)
  if why then
    usage_error.raise("%s", why)
  end
end

local function check_generator(all)
  local must = all.generator ~= nil and generators.fault(all.generator)
  if must then
    usage_error.must_be("generator", must, all.generator)
  elseif type(all.generator) == "table" then
    all.generator[1] = absolute(all.generator[1])
  end
end

-- Programs start in other folders. The checkpoint of a generator with a URL is a title, no path.
local function with_full_paths(all)
  local models = {}
  for name, base in pairs(all.base_models) do
    if type(base) ~= "table" or type(base.path) ~= "string" then
      usage_error.must_be(("base_models[%q]"):format(name), "a table with path and family", base)
    end
    local copy = {}
    for field, value in pairs(base) do
      copy[field] = value
    end
    copy.path = full(base.path)
    copy.checkpoint = type(all.generator) == "table" and full(base.checkpoint) or base.checkpoint
    models[name] = copy
  end
  all.base_models, all.data = models, full(all.data)
end

local ANY <const> = { ["0.0.0.0"] = true, ["::"] = true }

local function check_url(all)
  local url = all.public_url
  if ANY[all.address] and not url then
    usage_error.raise("the address %s needs public_url: upload links lead there", all.address)
  elseif url and not url:find "^https?://[%w.:%[%]_-]+$" then
    usage_error.must_be("public_url", "a URL such as https://gpu.example:8743, without a path",
      url)
  end
end

local function check(written)
  local all = schema.apply(definition, written)
  check_trainer(all)
  check_generator(all)
  check_url(all)
  with_full_paths(all)
  all.certificate = full(all.certificate) -- a command in another folder trusts it
  return all
end

-- }======

--- Checks the options and fills in the defaults.
---@param written novita.server.Options
---@param level integer whose line is blamed: 1 the caller of this function, 2 its caller
---@return novita.server.Options
function options.check(written, level)
  return (usage_error.raise_at_caller(level, check, written))
end

--- The URL that clients reach the server by.
---@param all novita.server.Options
---@param port integer that it listens on
---@return string scheme "http" or "https"
---@return string host with its port
function options.url(all, port)
  if all.public_url then
    return all.public_url:match "^(%w+)://(.+)$"
  end
  local host = all.address:find(":", 1, true) and ("[%s]"):format(all.address) or all.address
  return all.certificate and "https" or "http", ("%s:%d"):format(host, port)
end

return options
