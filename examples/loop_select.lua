-- novita inside a loop around LuaSocket's select: a program with its own sockets trains meanwhile.
--
--   lua5.4 examples/loop_select.lua         on the bundled emulator: no key, no money
--   lua5.4 examples/loop_select.lua --live  at the Novita API, with NOVITA_API_KEY: costs money
--
-- It listens on a port, and every visitor gets one line with the status of the training. This
-- program is its own visitor, four times a second. The last line on standard output is
-- "serving: <model name>".

local novita = require "novita"
local socket = require "socket"

local loop = novita.loop

local function open()
  if arg[1] == "--live" then
    return novita.client {}
  end
  return require("novita.emulator").start { speed = 5 }:client()
end

local client = open()
local listener = assert(socket.bind("127.0.0.1", 0))
local task = client:train {
  task_type = "subject",
  name = "ohwx-select",
  images = "examples/photos",
  base_model = "v1-5-pruned-emaonly",
  size = 512,
  instance_prompt = "a close photo of ohwx person",
  max_train_steps = 500,
}

local visitor, next_visit

local function visit()
  local _, port = listener:getsockname()
  visitor = assert(socket.connect("127.0.0.1", port))
  next_visit = socket.gettime() + 0.25
end

visit()
while not task:done() do
  -- `loop` has the methods that select expects of a socket: getfd and dirty.
  local seconds = math.max(0, next_visit - socket.gettime())
  local ready = socket.select({ loop, listener, visitor }, nil,
    math.min(seconds, loop:timeout() or seconds))
  if ready[listener] then
    local peer = assert(listener:accept())
    peer:send(tostring(task:status()) .. "\n")
    peer:close()
  end
  if visitor and ready[visitor] then
    print((visitor:receive "*l"))
    visitor:close()
    visitor = nil
  end
  if socket.gettime() >= next_visit then
    visit()
  end
  loop:step(0) -- never waits
end
print("serving: " .. tostring(assert(task:result())))
