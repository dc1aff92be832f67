--- A host may set a locale with a decimal comma, or one where "I" is no capital "i": what is sent
--- and read must not depend on it, in the library nor in the emulator.

local interpreter = require "support.interpreter"
local support = require "support.client"

-- Sets the locale before or after the modules are loaded and the emulator runs, and walks through
-- training, polling, listing and generating. Prints one line for each fact.
local PROGRAM <const> = [[
local locale, late = ...
local function set() assert(os.setlocale(locale), "no locale " .. locale) end
if late ~= "late" then set() end
local emulator = require "novita.emulator"
local json = require "novita.json"
local novita = require "novita"
local helper = require "support.emulator"
local service <close> = assert(emulator.start { speed = 20, seconds_per_step = 0.5,
  webhook_timeout = 2.5 })
local client <close> = service:client()
if late == "late" then set() end

local task = client:train { task_type = "subject", name = "Iris", size = 256,
  learning_rate = 0.0002, base_model = "v1-5-pruned-emaonly",
  instance_prompt = "a photo of ohwx person",
  images = { { bytes = helper.photo(1) } }, max_train_steps = 5, lora_alpha = 16,
  prior_loss_weight = 0.75, train_batch_size = 1 }
local model = assert(task:wait(60))
local expert = service:ledger().tasks[1].request.expert_setting
print("rate", expert.learning_rate == 0.0002, "weight", expert.prior_loss_weight == 0.75)

local images = assert(client:generate { model_name = "realisticVisionV51_v51VAE_94301.safetensors",
  prompt = "a bird", size = 128, image_num = 1, guidance_scale = 7.5,
  loras = { { model_name = model, strength = 0.7 } } }:wait(60))
local order = service:ledger().image_tasks[1].request
print("scale", order.guidance_scale == 7.5, "strength", order.loras[1].strength == 0.7, #images)

local got = assert(client:request("GET", "/v3/training",
  { query = { x = 2.5, ["pagination.limit"] = 5, ["a b"] = "1", B = "2" } }))
print("query", service:requests()[#service:requests()].target, #got.tasks)

service:configure { queue_seconds = 100.25, seconds_per_step = 0.125 }
local id = assert(client.trainings:create("subject", helper.subject { "x" }))
local eta = client.trainings:get(id, "subject").extra.eta_relative
print("eta", eta > 100 and eta < 120 and eta ~= eta // 1)
service:fault { kind = "status", status = 200, route = "status", body =
  '{"task_status":"TRAINING","extra":{"eta_relative":2.75,"progress_percent":12.5}}' }
local watched = client:attach { task_id = id, task_type = "subject" }
for status in watched:updates() do
  if status.stage == "training" then print("watched", status.eta == 2.75) break end
end
service:set_status(id, "FAILED")
local _, err = watched:wait(60)
print("code", err.code, watched:status().task_status)
local stranger <close> = novita.client { api_key = "sk_123456789", log = function() end,
  base_url = "https://IRIS.LOCALHOST:9", retry = { attempts = 1 } }
print("host", tostring(select(2, stranger.account:get())):match "iris%.localhost:9")
print("decoded", json.decode("[1.25]")[1] == 1.25, json.encode { 0.5 })
os.exit(true, true)
]]

local EXPECTED <const> = [[
rate true weight true
scale true strength true 1
query /v3/training?B=2&a%20b=1&pagination.limit=5&x=2.5 1
eta true
watched true
code FAILED FAILED
host iris.localhost:9
decoded true [0.5]
]]

describe("the locale of a host", function()
  local folder <const> = support.folder()
  teardown(function() getmetatable(folder).__close(folder) end)

  local function localedef(name)
    return os.execute(("localedef -i %s -f UTF-8 %s/%s.UTF-8 >/dev/null 2>&1"):format(name,
      folder.path, name))
  end

  local function run(locale, when)
    local path = folder.path .. "/program.lua"
    local file = assert(io.open(path, "w"))
    file:write(PROGRAM)
    file:close()
    local pipe = io.popen(("LOCPATH=%s timeout 120 %s %s %s %s 2>&1"):format(folder.path,
      interpreter, path, locale, when))
    local printed = pipe:read "a"
    pipe:close()
    return printed
  end

  for _, case in ipairs { { "C", "early" }, { "de_DE.UTF-8", "early" }, { "de_DE.UTF-8", "late" },
    { "tr_TR.UTF-8", "early" } } do
    local locale, when = case[1], case[2]
    it(("changes nothing: %s, %s"):format(locale, when), function()
      if locale ~= "C" and not localedef(locale:match "^[^.]+") then
        return pending(locale .. " cannot be made (Debian package locales)")
      end
      local printed = run(locale, when)
      assert.equal(EXPECTED, (printed:gsub("\t", " ")))
    end)
  end
end)
