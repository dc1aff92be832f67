-- novita inside Copas: a server that trains on request and serves other clients meanwhile.
--
--   lua5.4 examples/loop_copas.lua         on the bundled emulator: no key, no money
--   lua5.4 examples/loop_copas.lua --live  at the Novita API, with NOVITA_API_KEY: this costs money
--
-- A client sends one line, the name of a subject, and receives lines: the stages, then the model.
-- This program is its own first client and ends when it has been served. The last line on
-- standard output is "serving: <model name>".

local copas = require "copas"
local loop = require "novita.loop.copas"
local novita = require "novita"
local socket = require "socket"

local function open()
  if arg[1] == "--live" then
    return novita.client { loop = loop }
  end
  return require("novita.emulator").start { speed = 5 }:client { loop = loop }
end

local client = open()
local listener = assert(socket.bind("127.0.0.1", 0))
local _, port = listener:getsockname()

local function serve(peer)
  local name = assert(peer:receive "*l")
  local task = client:train {
    task_type = "subject",
    name = name,
    images = "examples/photos",
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx person",
    max_train_steps = 500,
  }
  for status in task:updates() do -- suspends this Copas thread
    peer:send(status.stage .. "\n")
  end
  local model, err = task:wait()
  peer:send((model and "serving: " or "failed: ") .. tostring(model or err) .. "\n")
end

copas.addserver(listener, copas.handler(serve))

copas.addthread(function()
  local peer = copas.wrap(socket.tcp())
  assert(peer:connect("127.0.0.1", port))
  peer:send "ohwx-copas\n"
  local last
  for line in function() return (peer:receive "*l") end do
    if line ~= last then
      print(line)
    end
    last = line
  end
  peer:close()
  client:close()
  copas.removeserver(listener)
end)

copas.loop()
