--- Runs `novita serve` as a user does: as a program that ends by a signal.

local Future = require "novita.async.future"
local cli = require "support.cli"
local fake = require "server.fake_trainers"
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

--- Files that the commands need: a sound model, and the names of base models.
---@param path string
---@return string data the folder of the server
function program.prepare(path)
  cli.write(path .. "/model", fake.model)
  cli.write(path .. "/models.json", '{"v1-5-pruned-emaonly":{"path":"/m","family":"sd15"}}')
  return path .. "/data"
end

--- Params of a training.
---@param more? table
---@return table
function program.params(more)
  local all = { task_type = "subject", name = "anna", base_model = "v1-5-pruned-emaonly",
    size = 512, instance_prompt = "a photo of ohwx person", max_train_steps = 300,
    images = { "examples/photos/fig.png" } }
  for name, value in pairs(more or {}) do all[name] = value end
  return all
end

--- Starts a server with a trainer in sh, as `start` does.
---@param path string a prepared folder
---@param script string without single quotes
---@param ... string more words
---@return support.Server
function program.with_trainer(path, script, ...)
  return program.start(path .. "/data", { "--models", path .. "/models.json", "--trainer",
    ("sh -c '%s' sh"):format(script), ... })
end

--- Starts a server with any free port; returns when it listens.
---@param folder string its --data
---@param words string[] more words of the command
---@param prefix? string[] a command that runs it
---@return support.Server
function program.start(folder, words, prefix)
  local argv = table.move(prefix or {}, 1, #(prefix or {}), 1, {})
  for _, list in ipairs { { interpreter, "bin/novita", "serve", "--data", folder, "--port", "0" },
    words } do
    table.move(list, 1, #list, #argv + 1, argv)
  end
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
---@param ca_file? string
function Server:client(key, ca_file)
  return novita.client { api_key = key, base_url = self.url, ca_file = ca_file,
    poll = { first = 0.02, min = 0.02, max = 0.1, rate = 1000 } }
end

--- The most memory that it has had.
---@return integer bytes
function Server:peak()
  local file <close> = assert(io.open(("/proc/%d/status"):format(self.process:pid())))
  return tonumber(file:read("a"):match "VmHWM:%s*(%d+) kB") * 1024
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
