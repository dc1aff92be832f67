--- Runs `novita serve` as a user does: as a program that ends by a signal.

local Future = require "novita.async.future"
local cli = require "support.cli"
local interpreter = require "support.interpreter"
local novita = require "novita"
local process = require "novita.server.process"
local scheduler = require "novita.async.scheduler"

local program = {}

---@class support.Server
---@field url string
---@field lines string[] of its standard error
---@field process novita.server.Process
local Server = {}
Server.__index = Server

--- A command of `novita serve` that ends; see support.cli.
function program.run(folder, ...)
  return cli.run { "serve", "--data", folder, ... }
end

--- Starts a server with any free port; returns when it listens.
---@param folder string its --data
---@param words string[] more words of the command
---@return support.Server
function program.start(folder, words)
  local argv = { interpreter, "bin/novita", "serve", "--data", folder, "--port", "0" }
  table.move(words, 1, #words, #argv + 1, argv)
  local self = setmetatable({ lines = {} }, Server)
  local url = Future.new { loop = scheduler.own() }
  self.process = assert(process.start { argv = argv, on_line = function(stream, line)
    if stream == 0 and not url:done() then
      url:finish(line:match "=(.*)$")
    elseif stream == 1 then
      self.lines[#self.lines + 1] = line
    end
  end })
  while not url:done() and not self.process:done() do
    url:wait(0.05)
  end
  self.url = assert(url:done() and url:result(), table.concat(self.lines, "\n"))
  return self
end

---@param key string
function Server:client(key)
  return novita.client { api_key = key, base_url = self.url,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
end

--- Ends it as systemd does.
---@return novita.server.ProcessEnd
function Server:stop()
  self.process:stop()
  return assert(self.process:wait(60))
end

function Server:__close()
  if not self.process:done() then
    self:stop()
  end
end

return program
