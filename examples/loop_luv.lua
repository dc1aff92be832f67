-- novita inside libuv (luv): a coroutine waits for a training while the program does other work,
-- here a clock.
--
--   lua5.4 examples/loop_luv.lua         on the bundled emulator: no key, no money
--   lua5.4 examples/loop_luv.lua --live  at the Novita API, with NOVITA_API_KEY: this costs money
--
-- The last line on standard output is "serving: <model name>".

local loop = require "novita.loop.luv"
local novita = require "novita"
local uv = require "luv"

local function open()
  if arg[1] == "--live" then
    return novita.client { loop = loop }
  end
  return require("novita.emulator").start { speed = 5 }:client { loop = loop }
end

local function train()
  local client <close> = open()
  local task = client:train {
    task_type = "subject",
    name = "ohwx-luv",
    images = "examples/photos",
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx person",
    max_train_steps = 500,
  }
  local model = assert(task:wait()) -- suspends this coroutine; libuv keeps running
  print("serving: " .. tostring(model))
end

local clock = uv.new_timer()
clock:start(0, 250, function()
  print(("tick %.2f s"):format(uv.now() / 1000))
end)

coroutine.wrap(function()
  local ok, err = pcall(train)
  clock:close() -- the loop ends when the clock and the training have ended
  if not ok then
    io.stderr:write("error: ", tostring(err), "\n")
    os.exit(1)
  end
end)()
uv.run()
