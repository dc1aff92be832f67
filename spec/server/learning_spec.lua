--- A server with the trainer of examples/trainer, for an unchanged client: the model was really
--- trained on these photos. It needs Debian's python3-torch and python3-pil, or PYTHON.

local novita = require "novita"
local safetensors = require "novita.safetensors"
local servers = require "novita.server"
local support = require "support.client"

local PYTHON <const> = os.getenv "PYTHON" or "/usr/bin/python3"
local FOLDER <const> = require("lfs").currentdir() .. "/examples/trainer"

-- Prints the mean distance of images of each model to the first photos, and to the second.
local MEASURE <const> = [==[
import sys, torch
sys.path.insert(0, sys.argv[1])
import tiny

def distances(lora):
    denoiser = tiny.Denoiser("/models/tiny")
    denoiser.loras = [(lora, 1.0)] if lora else []
    noise = torch.randn(4, tiny.PIXELS, generator=tiny.generator(7))
    images = tiny.remove_noise(denoiser, noise, 1.0, 20)
    return [tiny.distance(images, photos) for photos in folders]

folders = [torch.stack([tiny.read_image(p) for p in names.split(",")]) for names in sys.argv[2:4]]
with torch.no_grad():
    for path in [None] + sys.argv[4:]:
        print("%.4f %.4f" % tuple(distances(path and tiny.load_lora(path))))
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

local function train(client, name, images, path)
  local model = assert(client:train({ task_type = "subject", name = name, images = images,
    base_model = "v1-5-pruned-emaonly", size = 512, crop = "center", seed = 7,
    instance_prompt = "a photo of ohwx", max_train_steps = 120 }):wait(600))
  return assert(model:save(path))
end

local function measure(folder, ...)
  local script = folder.path .. "/measure.py"
  assert(io.open(script, "w")):write(MEASURE):close()
  local command = table.concat({ PYTHON, script, FOLDER, table.concat(FIRST, ","),
    table.concat(SECOND, ","), ... }, " ")
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
      base_models = { ["v1-5-pruned-emaonly"] = { path = "/models/tiny", family = "sd15" } } })
    local client <close> = novita.client { api_key = "sk_anna", base_url = server.base_url,
      poll = { first = 0.1, min = 0.1, max = 0.5, rate = 1000 } }
    local first = train(client, "first", FIRST, folder.path .. "/first.safetensors")
    local second = train(client, "second", SECOND, folder.path .. "/second.safetensors")
    train(client, "again", FIRST, folder.path .. "/again.safetensors")

    local hashes = {}
    for model in client.models:list() do hashes[model.name] = model.hash_sha256 end
    assert.matches("^%x+$", hashes.first)
    assert.equal(hashes.first, hashes.again)
    assert.not_equal(hashes.first, hashes.second)
    local facts = assert(safetensors.check(first))
    assert.equal("120", facts.training.steps)
    assert.equal("4", facts.training.photos)

    local without, of_first, of_second = measure(folder, first, second)
    assert.is_true(of_first[1] < without[1] / 2 and of_second[2] < without[2] / 2)
    assert.is_true(of_first[1] < of_first[2] and of_second[2] < of_second[1])
  end)
end)
