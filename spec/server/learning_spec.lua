--- A server with the trainer of examples/trainer, for an unchanged client: the model was really
--- trained on these photos. It needs Debian's python3-torch and python3-pil, or PYTHON.

local novita = require "novita"
local safetensors = require "novita.safetensors"
local servers = require "novita.server"
local support = require "support.client"

local PYTHON <const> = os.getenv "PYTHON" or "/usr/bin/python3"
local FOLDER <const> = require("lfs").currentdir() .. "/examples/trainer"

-- Prints the mean distance to the first photos, and to the second: of images without a model, of
-- those that are given, and of some that are made with a model.
local MEASURE <const> = [==[
import sys, torch
sys.path.insert(0, sys.argv[1])
import tiny

def read(names):
    return torch.stack([tiny.read_image(path) for path in names.split(",")])

def make(loras):
    denoiser = tiny.Denoiser("/models/tiny")
    denoiser.loras = loras
    noise = torch.randn(4, tiny.PIXELS, generator=tiny.generator(7))
    return tiny.remove_noise(denoiser, noise, 1.0, 20)

first, second, images = [read(names) for names in sys.argv[2:5]]
with torch.no_grad():
    for made in [make([]), images, make([(tiny.load_lora(sys.argv[5]), 1.0)])]:
        print("%.4f %.4f" % (tiny.distance(made, first), tiny.distance(made, second)))
]==]

local function ready()
  local command = "%s -c 'import importlib.util as u, sys;"
    .. "sys.exit(not (u.find_spec(\"torch\") and u.find_spec(\"PIL\")))' 2>/dev/null"
  return os.execute(command:format(PYTHON))
end

local function photos(names)
  local list = {}
  for name in names:gmatch "%S+" do
    list[#list + 1] = ("examples/photos/%s.jpg"):format(name)
  end
  return list
end

local FIRST <const> = photos "bridge brushes dogs dragonfly"
local SECOND <const> = photos "lamp-bird mountain-path stream sunset"

local function train(client, name, images)
  return assert(client:train({ task_type = "subject", name = name, images = images,
    base_model = "v1-5-pruned-emaonly", size = 512, crop = "center", seed = 7,
    instance_prompt = "a photo of ohwx", max_train_steps = 120 }):wait(600))
end

-- The paths of four images that the server makes.
local function generate(client, model, path)
  local list = assert(client:generate({ model_name = "v1-5-pruned-emaonly.safetensors", seed = 7,
    prompt = "a photo of ohwx", loras = { { model_name = model.model_name, strength = 1 } },
    width = 128, height = 128, image_num = 4 }):wait(600))
  local paths = {}
  for i, image in ipairs(list) do
    paths[i] = assert(image:save(("%s/%d.png"):format(path, i)))
  end
  return paths
end

local function measure(folder, images, model)
  local script = folder.path .. "/measure.py"
  local file <close> = assert(io.open(script, "w"))
  file:write(MEASURE)
  file:close()
  local command = table.concat({ PYTHON, script, FOLDER, table.concat(FIRST, ","),
    table.concat(SECOND, ","), table.concat(images, ","), model }, " ")
  local pipe <close> = assert(io.popen(command))
  local found = {}
  for line in pipe:lines() do
    local first, second = line:match "^(%S+) (%S+)$"
    found[#found + 1] = { tonumber(first), tonumber(second) }
  end
  return table.unpack(found)
end

describe("a server with a real trainer", function()
  it("learns these photos, and the same bytes from the same seed", function()
    if os.getenv "NOVITA_SANITIZED" then return pending "once is enough: it takes seconds" end
    if not ready() then return pending "no python3-torch and python3-pil" end
    local folder <close> = support.folder()
    local server <close> = assert(servers.start { data = folder.path .. "/data", slots = 2,
      keys = { anna = "sk_anna" }, trainer = { PYTHON, FOLDER .. "/train.py" },
      generator = { PYTHON, FOLDER .. "/generate.py" },
      base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/tiny", family = "sd15" } } })
    local client <close> = novita.client { api_key = "sk_anna", base_url = server.base_url,
      poll = { first = 0.1, min = 0.1, max = 0.5, rate = 1000 } }
    local first, second = train(client, "first", FIRST), train(client, "second", SECOND)
    train(client, "again", FIRST)

    local hashes = {}
    for model in client.models:list() do hashes[model.name] = model.hash_sha256 end
    assert.matches("^%x+$", hashes.first)
    assert.equal(hashes.first, hashes.again)
    assert.not_equal(hashes.first, hashes.second)
    local path = assert(second:save(folder.path .. "/second.safetensors"))
    local facts = assert(safetensors.check(path))
    assert.same({ "120", "4", 8 }, { facts.training.steps, facts.training.photos, facts.rank })

    local images = generate(client, first, folder.path)
    local without, of_first, of_second = measure(folder, images, path)
    assert.is_true(of_first[1] < without[1] / 2 and of_second[2] < without[2] / 2)
    assert.is_true(of_first[1] < of_first[2] and of_second[2] < of_second[1])
  end)
end)
