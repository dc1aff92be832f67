-- Trains a LoRA from a folder of photos and generates two images with it.
--
--   lua5.4 examples/train_subject.lua                     on an emulator that it starts: no key, no
--                                                         money
--   lua5.4 examples/train_subject.lua --live photos/anna  at the Novita API, with NOVITA_API_KEY:
--                                                         this costs money
--
-- The last line on standard output is "serving: <model name>".

local novita = require "novita"

local live = arg[1] == "--live"
local photos = arg[live and 2 or 1]
  or { "examples/portraits/astronaut.jpg", "examples/portraits/astronaut-upright.jpg" }
local out = "out"

-- The emulator runs inside this process; it behaves like the service and trains nothing.
local function open()
  if live then
    return novita.client {}
  end
  local service = require("novita.emulator").start { speed = 2 }
  print("emulator at " .. service.base_url .. " (it trains nothing)")
  return service:client()
end

local function train(client)
  local task = client:train {
    task_type = "subject",
    name = "ohwx-demo",
    images = photos,
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx woman",
    max_train_steps = 500,
  }
  return assert(novita.progress(task))
end

local function generate(client, model)
  local images = assert(client:generate({
    model_name = "realisticVisionV51_v51VAE_94301.safetensors",
    prompt = "a photo of ohwx woman in the mountains, morning light",
    loras = { { model_name = model, strength = 0.7 } },
    size = 512,
    image_num = 2,
  }):wait())
  assert(require("lfs").attributes(out, "mode") or require("lfs").mkdir(out))
  for i, image in ipairs(images) do
    print("saved " .. assert(image:save(("%s/ohwx-demo-%d.%s"):format(out, i, image.image_type))))
  end
end

local client = open()
local model = train(client)
generate(client, model)
client:close()
print("serving: " .. tostring(model))
