-- The script of the C hosts in their checks: a training through every stage, on its own emulator,
-- and work that is still running at the end.
local novita = require "novita"
local Canvas = require "novita.image.canvas"

local canvas = Canvas.new(96, 64, 3)
canvas:fill(8, 8, 60, 40, 200, 120, 40)
local photo = assert(canvas:encode { format = "jpeg" })

local service = require("novita.emulator").start { speed = 20 }
local client = novita.client { api_key = service.api_key, base_url = service.base_url,
  poll = { first = 0.05, min = 0.05, max = 0.2 } }

local function train()
  return client:train { task_type = "subject", name = "ohwx-host", images = { { bytes = photo } },
    base_model = "v1-5-pruned-emaonly", size = 512, instance_prompt = "a photo of ohwx person" }
end

local model = assert(train():wait(120))
local generated = assert(client:generate({
  model_name = "realisticVisionV51_v51VAE_94301.safetensors", prompt = "a lamp",
  loras = { { model_name = model, strength = 0.7 } }, size = 128, image_num = 1,
}):wait(120))
assert(#generated[1]:bytes() > 100)
train() -- continues until the state is closed
local _, err = client:attach { task_id = "no-such-id", task_type = "subject" }:wait(0.2)
assert(err.kind == "timeout")
client:close()
service:stop()
print("served")
