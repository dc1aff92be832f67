-- One training and an image from its model, in a separate process.
-- arg: the service's URL, its key, photos, the image's path, the training's name, a file
--
-- The file is removed once the modules are loaded: earlier failures are the interpreter's.

local lfs = require "lfs"
local novita = require "novita"

-- Parts are loaded when they are first used; here all of them before the first point.
local others = { cli = true, emulator = true, loop = true, ["meta.lua"] = true }
local function load_all(folder, prefix)
  for name in lfs.dir(folder) do
    local path = folder .. "/" .. name
    if others[name] or name:sub(1, 1) == "." then
      goto continue
    elseif lfs.attributes(path, "mode") == "directory" then
      load_all(path, prefix .. name .. ".")
    elseif name:find "%.lua$" then
      require(((prefix .. name):gsub("%.lua$", ""):gsub("%.init$", "")))
    end
    ::continue::
  end
end
load_all("lua/novita", "novita.")

local url, key, photos, path, name, loading = table.unpack(arg)
os.remove(loading)

local function train()
  local client <close> = novita.client {
    api_key = key,
    base_url = url,
    retry = { min = 0.01, max = 0.05 },
    poll = { first = 0.01, min = 0.01, max = 0.05, rate = 1e6 },
  }
  local task = assert(client:train {
    task_type = "subject",
    crop = "center", -- the detector is tested elsewhere, and is slow under the sanitizers
    name = name,
    images = photos,
    base_model = "v1-5-pruned-emaonly",
    size = 64,
    instance_prompt = "a photo of ohwx person",
    class_prompt = "person",
    max_train_steps = 100,
  })
  local model = assert(task:wait(30))
  local generated = assert(client:generate({
    model_name = "realisticVisionV51_v51VAE_94301.safetensors",
    prompt = "a photo of ohwx person",
    loras = { { model_name = model, strength = 0.7 } },
    size = 128,
  }):wait(30))
  assert(generated[1]:save(path))
end

-- A failure is one line: an error object, or the message of wrong use.
local ok, err = pcall(train)
if not ok then
  io.stderr:write("error: ", tostring(err), "\n")
end
os.exit(ok and 0 or 1, true)
