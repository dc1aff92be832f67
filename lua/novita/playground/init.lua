--- The playground: from photos to a model to images, in a browser on this machine. It runs in its
--- own threads and Lua state, on loopback; this module is the handle to it.
--
--     local playground <close> = assert(require("novita.playground").start { folder = "play" })
--     print(playground:address())

local cjson = require("novita.json.cjson").new()
local core = require "novita.core"
local errors = require "novita.base.error"
local httpd = require "novita.httpd"
local methods = require "novita.base.methods"
local schema = require "novita.schema.schema"
local usage_error = require "novita.schema.usage_error"

---@class novita.playground.Options
---@field folder? string where it keeps photos, journals, models and images; it is created; default
--- "novita-playground"
---@field journal? string the file that records the trainings; default: one for each service, in
--- the folder
---@field client? table plain options of novita.client, such as base_url, key_file or api_key;
--- without a key, the page asks for it
---@field emulator? boolean|novita.emulator.Options uses an emulator in this process: nothing is
--- trained, and nothing costs money
---@field port? integer 0 (default) = any free port

---@class novita.playground.Playground
---@field base_url string "http://127.0.0.1:PORT"
---@field folder string absolute
---@field package token string
---@field package server novita.httpd.Server
local Playground = { __name = "novita.playground.Playground" }
Playground.__index = Playground

--- The address to open in a browser. It contains the playground's password: anyone who has it can
--- use the account.
---@return string
function Playground:address()
  return ("%s/?token=%s"):format(self.base_url, self.token)
end

--- Stops it. Trainings at the service continue, and the next start watches them again. May be
--- called twice.
function Playground:stop()
  if not self.stopped then
    self.stopped = true
    self.server:call("stop", "")
  end
  self.server:stop()
end

Playground.__close = Playground.stop

function Playground:__gc()
  self.server:stop()
end

function Playground:__tostring()
  return ("novita.playground.Playground (%s)"):format(self.base_url)
end

methods.need_colon(Playground, "playground", { "address", "stop" })

local TICK <const> = 0.02 -- seconds between two steps of the loop
local BODY_MOST <const> = 64 << 20 -- bytes of a photo
local SILENCE_MOST <const> = 60 -- seconds without traffic until a connection is closed

---@type novita.Rule
local definition = {
  type = "object",
  noun = "the playground",
  member = "option",
  fields = {
    { name = "folder", type = "string", min = 1, default = "novita-playground" },
    { name = "journal", type = "string", min = 1 },
    { name = "client", type = "table", default = {} },
    { name = "emulator", type = "any" },
    { name = "port", type = "integer", default = 0, min = 0, max = 65535 },
  },
}

-- The options of the client go to another Lua state as text.
local function is_plain(value)
  if type(value) == "table" then
    for name, inner in pairs(value) do
      if type(name) ~= "string" or not is_plain(inner) then
        return false
      end
    end
    return true
  end
  return type(value) == "string" or type(value) == "number" or type(value) == "boolean"
end

local function check(given)
  local read = schema.apply(definition, given)
  if read.emulator ~= nil and type(read.emulator) ~= "boolean" and not is_plain(read.emulator) then
    usage_error.must_be("emulator", "true or a table of plain options", read.emulator)
  elseif not is_plain(read.client) then
    usage_error.must_be("client", "a table of plain options, such as base_url", read.client)
  elseif read.client.journal ~= nil or read.client.loop ~= nil then
    usage_error.raise "client must not have journal or loop: the playground has its own"
  end
  return read
end

-- Its options are checked here too, so that a wrong one raises at the script's line.
local function check_emulator(given)
  local found, options = pcall(require, "novita.emulator.options")
  if found and type(given) == "table" then
    options.complete(given, 3)
  end
end

local function absolute(path)
  local is_absolute = path:find "^/" or path:find "^%l+://"
  return is_absolute and path or require("lfs").currentdir() .. "/" .. path
end

local playground = {}

--- Starts a playground on loopback.
---@param given? novita.playground.Options
---@return novita.playground.Playground?
---@return novita.Error? err
function playground.start(given)
  local options = usage_error.raise_at_caller(1, check, given or {})
  check_emulator(options.emulator)
  options.folder = absolute(options.folder)
  options.journal = options.journal and absolute(options.journal)
  options.token = core.random_hex(16)
  local running, why = httpd.start { name = "the playground", entry = "novita.playground.rules",
    options = cjson.encode(options), port = options.port, body_limit = BODY_MOST, tick = TICK,
    timeout = SILENCE_MOST }
  if not running then
    return nil, errors.new { kind = "file", code = "playground",
      message = why:match "^[^\n]*":gsub("^[%w/._-]+%.lua:%d+: ", "") }
  end
  return setmetatable({ base_url = ("http://127.0.0.1:%d"):format(running:port()),
    folder = options.folder, token = options.token, server = running }, Playground)
end

return playground
