--- A private training service: the routes of the service, and a trainer of yours. It runs in its
--- own threads and Lua state; this module is the handle to it.

local cjson = require("novita.json.cjson").new()
local data_folder = require "novita.server.data_folder"
local errors = require "novita.base.error"
local httpd = require "novita.httpd"
local keys = require "novita.server.keys"
local methods = require "novita.base.methods"
local options = require "novita.server.options"
local task_folder = require "novita.server.task_folder"
local whole_numbers = require "novita.json.whole_numbers"

---@class novita.server.Server
---@field base_url string such as "http://127.0.0.1:8743"
---@field data string its folder
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

--- Removes everything of a training that has ended: its request, log and model, and the photos that
--- no other training has.
---@param task_id string
---@return boolean removed false if it has not ended, or is not known
function Server:forget(task_id)
  return self.server:call("forget", task_id) == "true"
end

--- The output of the trainer of a training, also while it runs; of a long log, the end.
---@param task_id string
---@return string? log nil if it does not exist
function Server:log(task_id)
  local is_id = task_id:find "^[%x-]+$"
  return is_id and task_folder.log(("%s/tasks/%s"):format(self.data, task_id)) or nil
end

--- Makes a key, which is known at once. It is nowhere but in what this returns.
---@param name string letters, digits and ._@-
---@return string? key
---@return novita.Error? err if the name has a key
function Server:add_key(name)
  local store <close> = data_folder.open(self.data)
  return keys.add(store, name)
end

--- Removes a key: it is refused at once. Its trainings and models stay, and a new key of the same
--- name has them again.
---@param name string
---@return boolean found
function Server:remove_key(name)
  local store <close> = data_folder.open(self.data)
  return store:remove_key(name)
end

--- Stops it, and its trainers: their trainings begin anew at the next start. May be called twice.
function Server:stop()
  self.server:stop()
end

Server.__close = Server.stop
Server.__gc = Server.stop

methods.need_colon(Server, "server", {
  "trainings", "cancel", "forget", "log", "add_key", "remove_key", "stop" })

local TICK <const> = 0.02 -- seconds between two steps of the loop of its trainers
local IDLE <const> = 300 -- seconds after which a connection without traffic is closed

--- Starts a server, and continues the trainings that had not ended.
---@param given novita.server.Options
---@return novita.server.Server?
---@return novita.Error? err
function server.start(given)
  local all = options.check(given, 2)
  local ok, running, why = pcall(httpd.start, { name = "the server", address = all.address,
    entry = "novita.server.rules", options = cjson.encode(all), port = all.port,
    certificate = all.certificate, key = all.private_key, body_limit = all.body_limit,
    timeout = IDLE, tick = TICK })
  if not ok then
    error(running, 2)
  elseif not running then
    return nil, errors.new { kind = "network", code = "server", message = why }
  end
  return setmetatable({ base_url = ("%s://%s"):format(options.url(all, running:port())),
    data = all.data, server = running }, Server)
end

return server
