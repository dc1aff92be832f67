--- A private training service: the routes of the service, and a trainer of yours. It runs in its
--- own threads and Lua state, on loopback; this module is the handle to it.

local cjson = require("novita.json.cjson").new()
local errors = require "novita.base.error"
local httpd = require "novita.httpd"
local usage_error = require "novita.schema.usage_error"
local whole_numbers = require "novita.json.whole_numbers"

---@class novita.server.Options
---@field data string the folder for everything that must not be lost
---@field keys table<string, string> the key of each account, by its name; only hashes are kept
---@field command string[] the trainer and its arguments, see docs/server.md
---@field base_models table<string, { path: string, family: "sd15"|"sdxl" }> by the name that
--- requests use
---@field slots? integer GPUs, default 1
---@field queue_limit? integer trainings of one key that may wait, default 1000
---@field port? integer default: any free port
---@field body_limit? integer bytes of a request, default 64 MiB
---@field environment? table<string, string> of the trainer
---@field timeout? number seconds of a training, default 24 h
---@field silence? number seconds without output, default 1 h
---@field grace? number seconds from SIGTERM to SIGKILL, default 10

---@class novita.server.Server
---@field base_url string "http://127.0.0.1:PORT"
---@field package server novita.httpd.Server
local Server = {}
Server.__index = Server
Server.__name = "novita.server.Server"

local server = {}

---@class novita.server.Listed
---@field id string of the task
---@field key string the name of the account
---@field name string of the model
---@field status "QUEUING"|"TRAINING"|"SUCCESS"|"FAILED"|"CANCELED"
---@field percent number 0 to 100
---@field eta? number seconds
---@field failure? string why it failed
---@field tail? string the end of the log of a training that failed
---@field created_at number unix seconds
---@field started_at? number
---@field ended_at? number
---@field model? string the name of its file

--- The latest hundred trainings of all accounts, the newest first.
---@return novita.server.Listed[]
function Server:trainings()
  return whole_numbers(cjson.decode(self.server:call("trainings", "")))
end

--- Cancels a training that has not ended. Its task ends when its trainer has.
---@param task_id string
---@return boolean found false if it has ended, or is not known
function Server:cancel(task_id)
  return self.server:call("cancel", task_id) == "true"
end

--- Stops it, and its trainers: their trainings begin anew at the next start. May be called twice.
function Server:stop()
  self.server:stop()
end

Server.__close = Server.stop
Server.__gc = Server.stop

local TICK = 0.02 -- seconds between two steps of the loop of its trainers

local DEFAULTS <const> = { slots = 1, queue_limit = 1000, port = 0, body_limit = 64 << 20 }

local function is_table(value)
  return type(value) == "table"
end

local RULES <const> = {
  { "data", "the path of a folder", function(value) return type(value) == "string" end },
  { "keys", "a table of keys by name", is_table },
  { "command", "a list such as { \"/usr/bin/train\" }",
    function(value) return is_table(value) and type(value[1]) == "string" end },
  { "base_models", "a table by name", is_table },
}

local function check(options)
  if not is_table(options) then
    error(usage_error.wrong_value("the options of a server", "a table", options), 3)
  end
  for _, rule in ipairs(RULES) do
    local name, what, is_right = table.unpack(rule)
    if not is_right(options[name]) then
      error(usage_error.wrong_value(name, what, options[name]), 3)
    end
  end
end

--- Starts a server on loopback, and continues the trainings that had not ended.
---@param options novita.server.Options
---@return novita.server.Server?
---@return novita.Error? err
function server.start(options)
  check(options)
  local all = {}
  for name, value in pairs(DEFAULTS) do all[name] = value end
  for name, value in pairs(options) do all[name] = value end
  local running, why = httpd.start { name = "the server", entry = "novita.server.rules",
    options = cjson.encode(all), port = all.port, body_limit = all.body_limit, tick = TICK }
  if not running then
    return nil, errors.new { kind = "network", code = "server", message = why }
  end
  return setmetatable({ base_url = ("http://127.0.0.1:%d"):format(running:port()),
    server = running }, Server)
end

return server
