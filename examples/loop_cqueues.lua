-- novita inside cqueues: a group waits for two trainings while the program does other work, here
-- a clock.
--
--   lua5.4 examples/loop_cqueues.lua         on the bundled emulator: no key, no money
--   lua5.4 examples/loop_cqueues.lua --live  at the Novita API: this costs money, twice
--
-- The last line on standard output is "serving: <model name>".

local cqueues = require "cqueues"
local loop = require "novita.loop.cqueues"
local novita = require "novita"

local function open()
  if arg[1] == "--live" then
    return novita.client { loop = loop }
  end
  return require("novita.emulator").start { speed = 5, slots = 2 }:client { loop = loop }
end

local function train(client, name)
  local task = client:train {
    task_type = "subject",
    name = name,
    images = "examples/photos",
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx person",
    max_train_steps = 500,
  }
  print("serving: " .. tostring(assert(task:wait())))
end

local controller, over = cqueues.new(), false

controller:wrap(function()
  local client <close> = open()
  do
    local group <close> = client:group() -- its coroutines are coroutines of cqueues
    group:spawn(train, client, "ohwx-first")
    group:spawn(train, client, "ohwx-second")
  end -- waits for both; a failure of one cancels the wait of the other
  over = true
end)

controller:wrap(function()
  while not over do
    print(("tick %.2f s"):format(cqueues.monotime()))
    cqueues.sleep(0.25)
  end
end)

local ok, err = controller:loop()
if not ok then
  io.stderr:write("error: ", tostring(err), "\n")
  os.exit(1)
end
