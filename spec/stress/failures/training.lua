-- A whole training and an image from its model, with one failing allocation; then the same again
-- with enough memory, in the same Lua state.   arg: the service's URL, its key, photos, a folder
-- for the image
--
-- The driver finds the trainings in the service's ledger by their names: "t" for the first
-- attempt, "h" for the second one.
-- luacheck: globals failing number

local novita = require "novita"

local url, key, photos, out = arg[1], arg[2], arg[3], arg[4]

local function options()
  return {
    api_key = key,
    base_url = url,
    retry = { min = 0.01, max = 0.05 },
    poll = { first = 0.01, min = 0.01, max = 0.05, rate = 1e6 },
  }
end

local function form(name)
  return {
    task_type = "subject",
    crop = "center", -- the detector is tested elsewhere, and is slow under the sanitizers
    name = name,
    images = photos,
    base_model = "v1-5-pruned-emaonly",
    size = 64,
    instance_prompt = "a photo of ohwx person",
    class_prompt = "person",
    max_train_steps = 100,
  }
end

-- Generates and saves an image; returns true, or nil and the error.
local function generate(client, model, path)
  local generated, err = client:generate({
    model_name = "realisticVisionV51_v51VAE_94301.safetensors",
    prompt = "a photo of ohwx person",
    loras = { { model_name = model, strength = 0.7 } },
    size = 128,
  }):wait(60)
  if not generated then
    return nil, err
  end
  return generated[1]:save(path)
end

local known -- the task's id, once the script can have it

local function work(name, path)
  local client <close>, wrong = novita.client(options())
  if not client then
    return nil, wrong
  end
  local task = client:train(form(name))
  local model, err = task:wait(60)
  known = task.task_id
  if not model then
    return nil, err
  end
  local saved
  saved, err = generate(client, model, path)
  if not saved then
    return nil, err
  end
  return true
end

local function attempt(name)
  local path = ("%s/%s.png"):format(out, name)
  local ok, done, err = pcall(work, name, path)
  if ok and done then
    return os.remove(path) and "success" or "wrong: there is no image"
  end
  if os.remove(path) then
    return "error and an image", ok and err or done
  end
  return "error", ok and err or done
end

failing.arm()
local status, err = attempt("t" .. number)
failing.disarm()
local unsure = type(err) == "table" and err.ambiguous and "ambiguous" or known and "known"
local after, why = attempt("h" .. number)
if after ~= "success" then
  return "wrong", ("afterwards: %s; before: %s"):format(tostring(why), tostring(err))
end
local kind = type(err) == "table" and err.kind or type(err)
return status, ("%s %s %s"):format(kind, unsure or "unreported", tostring(err))
