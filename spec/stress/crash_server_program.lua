-- A server with a fake trainer, until it is killed; prints its address.
--   lua5.4 spec/stress/crash_server_program.lua FOLDER PORT

local scheduler = require "novita.async.scheduler"
local servers = require "novita.server"
local sleep = require "novita.async.sleep"

local folder, port = arg[1], math.tointeger(tonumber(arg[2]))

local server = assert(servers.start {
  data = folder .. "/data", keys = { anna = "sk_anna" }, port = port, slots = 2,
  trainer = { "sh", "-c", 'sleep 0.1; cp "$MODEL" out/m.safetensors', "sh" },
  environment = { MODEL = folder .. "/model" },
  base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/sd15", family = "sd15" } },
})
print(server.base_url)
io.stdout:flush()
sleep(scheduler.own(), 600)
server:stop()
