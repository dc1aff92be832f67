--- The options of a client: names, defaults, ranges.

local version = require "novita.base.version"

local options = {}

---@class novita.ClientOptions
---@field api_key? string default: the environment's NOVITA_API_KEY
---@field base_url? string default: NOVITA_BASE_URL, or https://api.novita.ai
---@field ca_file? string certificate authorities, PEM; default: the system's
---@field user_agent? string put in front of our own
---@field connections? integer connections at a time, 1 to 256 (16)
---@field uploads? integer uploads at a time, 1 to 256 (8)
---@field connect_timeout? number seconds (10)
---@field call_timeout? number seconds for one attempt of a plain call (60)
---@field paid_timeout? number seconds for a call that costs money (120)
---@field retry? { attempts?: integer, base?: number, cap?: number } attempts in all (8), first
--- delay below `base` (0.5 s), no delay above `cap` (30 s)
---@field poll? { first?: number, min?: number, max?: number, budget?: number, grace?: number,
--- timeout?: number } seconds before the first question about a task (2), least (2) and most
--- (60) between two, questions a second over all tasks (20), seconds for which "task not found" may be a lag (60),
--- seconds for one question (30)
---@field on_warning? fun(text: string) default: a line on standard error

local numbers = {
  connections = { 16, 1, 256, integer = true },
  uploads = { 8, 1, 256, integer = true },
  connect_timeout = { 10, 0.001, 3600 },
  call_timeout = { 60, 0.001, 86400 },
  paid_timeout = { 120, 0.001, 86400 },
}

local nested = {
  retry = {
    attempts = { 8, 1, 1000, integer = true },
    base = { 0.5, 0, 3600 },
    cap = { 30, 0, 86400 },
  },
  poll = {
    first = { 2, 0, 86400 },
    min = { 2, 0, 86400 },
    max = { 60, 0, 86400 },
    budget = { 20, 0.001, 1e12 },
    grace = { 60, 0, 86400 },
    timeout = { 30, 0.001, 3600 },
  },
}

local strings = { api_key = true, base_url = true, ca_file = true, user_agent = true }

local function refuse(text, ...)
  error(text:format(...), 0)
end

local function number(path, value, rule)
  if value == nil then
    return rule[1]
  end
  local made = type(value) == "number" and value or nil
  if made and rule.integer then
    made = math.tointeger(made)
  end
  if not made or not (made >= rule[2] and made <= rule[3]) then
    local kind = rule.integer and "an integer" or "a number"
    refuse("%s is %s: allowed is %s from %g to %g", path, tostring(value), kind, rule[2], rule[3])
  end
  return made
end

local function check_names(written, known, path)
  for name in pairs(written) do
    if not known(name) then
      refuse("%s%s is not an option", path, tostring(name))
    end
  end
end

local function is_option(name)
  return numbers[name] or nested[name] or strings[name] or name == "on_warning"
end

local function text(written, name)
  local value = written[name]
  if value ~= nil and type(value) ~= "string" then
    refuse("%s is a %s: allowed is a string", name, type(value))
  end
  if value and name ~= "api_key" and value:find "%c" then -- the key says more of it
    refuse("%s has control characters in it", name)
  end
  return value
end

local function from_environment(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

local function check_key(key)
  if not key or key == "" then
    refuse "no API key: set NOVITA_API_KEY, or give api_key"
  end
  if key:find "[%c%s]" or #key > 400 then
    refuse "the API key has blanks or control characters in it, or is too long: copy it again"
  end
  return key
end

local function check_warning(on_warning)
  if on_warning ~= nil and type(on_warning) ~= "function" then
    refuse("on_warning is a %s: allowed is a function", type(on_warning))
  end
  return on_warning
end

-- Paths are appended to it: behind a "?" or "#" they would not be paths.
local function check_url(url)
  if url:find "[?#]" then
    refuse "base_url has a query or a fragment: allowed is something like https://api.novita.ai"
  end
  return (url:gsub("/+$", ""))
end

local function read_nested(made, written, group)
  local values = written[group] or {}
  if type(values) ~= "table" then
    refuse("%s is a %s: allowed is a table", group, type(values))
  end
  check_names(values, function(name)
    return nested[group][name]
  end, group .. ".")
  for name, rule in pairs(nested[group]) do
    made[group .. "_" .. name] = number(group .. "." .. name, values[name], rule)
  end
end

--- Checks what was written and fills in the rest: flat, as the C core wants it.
---@param written novita.ClientOptions
---@return table made
function options.read(written)
  if type(written) ~= "table" then
    refuse("the options are a %s: give a table", type(written))
  end
  check_names(written, is_option, "")
  local made = {
    key = check_key(text(written, "api_key") or from_environment "NOVITA_API_KEY"),
    base_url = check_url(
      text(written, "base_url") or from_environment "NOVITA_BASE_URL" or "https://api.novita.ai"
    ),
    ca_file = text(written, "ca_file"),
    on_warning = check_warning(written.on_warning),
  }
  local agent = text(written, "user_agent")
  made.user_agent = (agent and agent .. " " or "") .. "novita-lua/" .. version
  for name, rule in pairs(numbers) do
    made[name] = number(name, written[name], rule)
  end
  read_nested(made, written, "retry")
  read_nested(made, written, "poll")
  if made.poll_min > made.poll_max then
    refuse("poll.min is %g: allowed is up to poll.max, which is %g", made.poll_min, made.poll_max)
  end
  return made
end

return options
