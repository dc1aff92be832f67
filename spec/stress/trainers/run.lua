-- Trains with the real scripts of PEFT and Diffusers, on a miniature pipeline with random weights,
-- through a server and an unchanged client. The model must load again and change the images.
--   lua5.4 spec/stress/trainers/run.lua PYTHON SCRIPTS BUILD
-- SCRIPTS is a folder with checkouts of huggingface/peft (v0.10.0) and huggingface/diffusers
-- (v0.27.2), or with folders of the same names that have only the scripts.

local lfs = require "lfs"
local novita = require "novita"
local novita_core = require "novita.core"
local servers = require "novita.server"

local python, scripts, build = arg[1], arg[2], arg[3]
local SIZE <const> = 16 -- of the training
local IMAGE <const> = 128 -- the least that the API allows
local MORE <const> = { "--mixed_precision", "no" } -- there is no GPU

local function absolute(path)
  return path:sub(1, 1) == "/" and path or lfs.currentdir() .. "/" .. path
end

local function scripts_of(name, examples)
  for _, path in ipairs { ("%s/%s/%s"):format(scripts, name, examples), scripts .. "/" .. name } do
    if lfs.attributes(path, "mode") == "directory" then
      return absolute(path)
    end
  end
  io.stderr:write(("TRAINER_SCRIPTS=%s has no folder %s\n"):format(scripts, name))
  os.exit(2)
end

local KNOWN <const> = {
  { name = "peft", folder = scripts_of("peft", "examples/lora_dreambooth") },
  { name = "diffusers", folder = scripts_of("diffusers", "examples/dreambooth") },
}

local DATA <const> = build .. "/data" -- of both: PEFT makes the images of the class, once

local function start(known, generator)
  return assert(servers.start { data = DATA, keys = { anna = "sk_anna" }, min_free = 0,
    trainer = { known.name, table.unpack(MORE) }, trainer_scripts = known.folder, python = python,
    generator = generator, environment = { OMP_NUM_THREADS = "1", PYTHONWARNINGS = "ignore" },
    base_models = { ["v1-5-pruned-emaonly"] = { path = build .. "/miniature",
      family = "sd15" } } })
end

local function client_of(server)
  return novita.client { api_key = "sk_anna", base_url = server.base_url,
    poll = { first = 0.2, min = 0.2, max = 1, rate = 100 } }
end

local function generate(client, loras)
  local images = assert(client:generate({ model_name = "v1-5-pruned-emaonly.safetensors",
    prompt = "a photo of ohwx person", width = IMAGE, height = IMAGE, image_num = 1, steps = 4,
    guidance_scale = 5, sampler_name = "Euler", seed = 7, loras = loras }):wait(600))
  local path = os.tmpname()
  assert(images[1]:save(path))
  local image <close> = assert(novita.image.decode({ path = path }, { channels = 3 }))
  os.remove(path)
  return image:bytes()
end

-- The mean distance of two images, 0 to 255.
local function distance(one, other)
  local sum = 0
  for i = 1, #one do
    sum = sum + math.abs(one:byte(i) - other:byte(i))
  end
  return sum / #one
end

-- Without the text encoder: Diffusers does not load a LoRA that has only some of its modules, as
-- PEFT's script makes it.
local function train(client)
  local task = client:train { task_type = "subject", name = "miniature", size = SIZE,
    base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo of ohwx person",
    class_prompt = "person", with_prior_preservation = true,
    max_train_steps = 20, learning_rate = 1e-2, seed = 7, lora_r = 4, lora_alpha = 4,
    images = "examples/photos" }
  local most = 0
  for status in task:updates() do
    most = math.max(most, status.progress_percent or 0)
  end
  local model, err = task:wait()
  if not model then
    error(err)
  end
  return model, most
end

local function train_with(known)
  local server <close> = start(known)
  local client <close> = client_of(server)
  local ok, model, most = pcall(train, client)
  if not ok then
    local failed = server:trainings()[1]
    error(("%s: %s\n%s"):format(known.name, failed and failed.failure or model,
      failed and failed.tail or ""), 0)
  end
  return model.model_name, most
end

local function try(known)
  local began = novita_core.now()
  local name, most = train_with(known)
  local server <close> = start(known, { python, absolute "spec/stress/trainers/generate.py" })
  local client <close> = client_of(server)
  local lora = { { model_name = name, strength = 1 } }
  local without, with = generate(client, nil), generate(client, lora)
  local again = distance(with, generate(client, lora))
  print(("trainers %s progress %.0f distance %.1f repeated %.1f seconds %.0f"):format(known.name,
    most, distance(without, with), again, novita_core.now() - began))
  assert(distance(without, with) > 1, "the model changes no image")
  assert(again == 0, "the same seed gives another image")
end

os.execute(("rm -rf '%s'"):format(DATA))
for _, known in ipairs(KNOWN) do
  try(known)
end
