--- The options of a client: names, defaults, ranges.

local authorities = require "novita.base.authorities"
local environment = require "novita.base.environment"
local key_finder = require "novita.base.key"
local scheduler = require "novita.async.scheduler"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"
local version = require("novita.core").version

local EMULATOR_POLL <const> = 0.25 -- seconds between two polls of a task

local options = {}

---@class novita.ClientOptions
---@field api_key? string default: from `key_file`, else from the environment's NOVITA_API_KEY, else
--- from ~/.config/novita/key
---@field key_file? string a file that contains the key, of mode 0600
---@field base_url? string default: NOVITA_BASE_URL, or https://api.novita.ai
---@field ca_file? string certificate authorities, PEM; default: CURL_CA_BUNDLE, or SSL_CERT_FILE and
--- SSL_CERT_DIR, or the system's
---@field allow_private? boolean whether links may lead from a public host name to an address of a
--- private network, as VPNs and some proxies resolve names; false: to public addresses only (true)
---@field user_agent? string put before our own
---@field journal? string a file that records the trainings of `train`: the same params and photos
--- are the same training, which is paid for once; see docs/batch.md
---@field no_list? boolean with a journal: pay without reading the list of trainings first
---@field list_delay? number with a journal: seconds that a new task may take to appear in the task
--- list after its response was lost (120)
---@field assets_max_age? number with a journal: seconds after which an uploaded photo is uploaded again
--- before it is used (86400)
---@field same_account? boolean with a journal: the key is another key of the account whose key was
--- used before
---@field loop? novita.Loop the event loop that the client's waits suspend a coroutine of, such as
--- require "novita.loop.luv"; default: novita's own
---@field connections? integer connections at a time, 1 to 256 (16)
---@field uploads? integer uploads at a time, 1 to 256 (8)
---@field photos? integer photos in memory at a time over all tasks, from decoding to the end of
--- their upload, 1 to 256 (16)
---@field connect_timeout? number seconds (10)
---@field call_timeout? number seconds for one attempt of a plain request (60)
---@field paid_timeout? number seconds for a request that costs money (120)
---@field retry? { attempts?: integer, min?: number, max?: number } attempts in all (8); the first
--- delay is below `min` (0.5 s), no delay is above `max` (30 s)
---@field poll? { first?: number, min?: number, max?: number, rate?: number,
--- not_found_grace?: number, unknown_timeout?: number, timeout?: number } seconds before the first
--- poll of a task (2), least (2) and most (60) seconds between two polls, polls a second over all
--- tasks (20), seconds during which "task not found" may be a lag (60), seconds after which a wait
--- ends if the service uses a word for the status that novita does not know (86400), seconds for
--- one poll (30)
---@field log? fun(level: "warning", text: string) default: a line on standard error

local function integer(name, default, min, max)
  return { name = name, type = "integer", default = default, min = min, max = max }
end

local function seconds(name, default, min, max)
  return { name = name, type = "number", default = default, min = min, max = max }
end

local function group(name, noun, fields)
  return { name = name, type = "object", noun = noun, member = "option", default = {},
    fields = fields }
end

---@type novita.Rule
local definition = {
  type = "object",
  noun = "a client",
  member = "option",
  fields = {
    { name = "api_key", type = "any" }, -- check_key, so that no message shows it
    { name = "key_file", type = "string" },
    { name = "base_url", type = "string" },
    { name = "ca_file", type = "string" },
    { name = "allow_private", type = "boolean", default = true },
    { name = "user_agent", type = "string" },
    { name = "journal", type = "string", min = 1 },
    { name = "no_list", type = "boolean" },
    { name = "same_account", type = "boolean" },
    seconds("list_delay", nil, 0, 86400),
    seconds("assets_max_age", nil, 3600, 1e9),
    { name = "loop", type = "any" }, -- scheduler.check
    integer("connections", 16, 1, 256),
    integer("uploads", 8, 1, 256),
    integer("photos", 16, 1, 256),
    seconds("connect_timeout", 10, 0.001, 3600),
    seconds("call_timeout", 60, 0.001, 86400),
    seconds("paid_timeout", 120, 0.001, 86400),
    group("retry", "retry", {
      integer("attempts", 8, 1, 1000),
      seconds("min", 0.5, 0, 3600),
      seconds("max", 30, 0, 86400),
    }),
    group("poll", "poll", {
      seconds("first", 2, 0, 86400),
      seconds("min", 2, 0, 86400),
      seconds("max", 60, 0, 86400),
      { name = "rate", type = "number", default = 20, min = 0.001, max = 1e12 },
      seconds("not_found_grace", 60, 0, 86400),
      seconds("unknown_timeout", 86400, 0, 1e9),
      seconds("timeout", 30, 0.001, 3600),
    }),
    { name = "log", type = "function" },
  },
}

local function find_key(read)
  if read.api_key ~= nil and read.api_key ~= "" then
    return read.api_key
  end
  local found, source, why = nil, "~/.config/novita/key", nil
  if read.api_key == nil then
    found, source, why = key_finder.find(read.key_file)
  end
  if why then
    usage_error.raise("key_file: %s", why)
  elseif not found then
    usage_error.raise("no API key: run novita auth login, or set NOVITA_API_KEY, or give api_key "
      .. "or key_file, or put the key into %s with mode 0600; without a key, `novita emulator -- "
      .. "COMMAND` runs a command that costs nothing", source)
  end
  return found
end

local function check_key(key)
  if type(key) ~= "string" then
    usage_error.raise("api_key must be a string, got a %s", type(key)) -- not its value
  elseif key:find "^%s*[Bb]earer%s" then
    usage_error.raise "the API key begins with Bearer: leave that word out, novita adds it"
  elseif key:find "[%c%s]" or #key > 400 then
    usage_error.raise("the API key has blanks or control characters in it, or is too long: copy "
      .. "it again")
  end
  return key
end

-- Paths are appended to the URL, so it must not have a query or a fragment.
local function check_url(url)
  url = url or environment.get "NOVITA_BASE_URL" or "https://api.novita.ai"
  if url:find "[?#]" then
    usage_error.raise "base_url must be like https://api.novita.ai, without query or fragment"
  end
  return (url:gsub("/+$", ""))
end

local function check_lines(read)
  for _, name in ipairs { "key_file", "base_url", "ca_file", "user_agent" } do
    if read[name] and read[name]:find "%c" then
      usage_error.raise("%s must not have control characters in it", name)
    end
  end
end

local function check_journal(read)
  for _, name in ipairs { "no_list", "same_account", "list_delay", "assets_max_age" } do
    if read[name] ~= nil and not read.journal then
      usage_error.raise("%s needs a journal: novita.client { journal = ... }", name)
    end
  end
end

-- The C core takes flat options: retry.min is its retry_min.
local function flatten(read, name)
  for inner, value in pairs(read[name]) do
    read[name .. "_" .. inner] = value
  end
  read[name] = nil
end

-- An emulator may be fast: at the usual rate, a training would begin and end between two polls.
local function poll_emulator(read, given)
  if key_finder.is_of_emulator(read.key) and not (given.first or given.min or given.max) then
    for _, name in ipairs { "first", "min", "max" } do
      read["poll_" .. name] = EMULATOR_POLL
    end
  end
end

--- Checks the options and fills in the rest: flat, as the C core takes them. Only for use inside a
--- check (see novita.schema.usage_error).
---@param written novita.ClientOptions
---@return table read
function options.read(written)
  if type(written) == "string" then -- it may be the key
    usage_error.raise "the options of a client must be a table, got a string"
  end
  local read = schema.apply(definition, written)
  scheduler.check(read.loop)
  check_lines(read)
  check_journal(read)
  read.key, read.api_key, read.key_file = check_key(find_key(read)), nil, nil
  read.base_url = check_url(read.base_url)
  local trusted = authorities.find(read.ca_file)
  read.ca_file, read.ca_dir = trusted.file, trusted.dir
  read.user_agent = (read.user_agent and read.user_agent .. " " or "") .. "novita-lua/" .. version
  flatten(read, "retry")
  flatten(read, "poll")
  poll_emulator(read, written.poll or {})
  if read.poll_min > read.poll_max then
    usage_error.raise("poll.min must be <= poll.max (%g), got %g", read.poll_max, read.poll_min)
  end
  return read
end

return options
