-- A function that succeeds returns its value and nothing else. print(task:wait()) showed
-- "model_1 nil" before.

local co = require "support.coroutines"
local fixtures = require "support.fixtures"

local NAME <const> = "realisticVisionV51_v51VAE_94301.safetensors"

describe("a value is returned without a nil after it by", function()
  local service, client, folder, model

  setup(function()
    service = fixtures.service()
    client = fixtures.client(service)
    folder = fixtures.folder(1)
    model = assert(client:train(fixtures.form(folder.path)):wait())
  end)

  teardown(function()
    client:close()
    service:stop()
    os.execute("rm -r " .. folder.path .. "*")
  end)

  local calls = {
    ["task:wait"] = function() return client:train(fixtures.form(folder.path)):wait() end,
    ["task:wait in a coroutine"] = function()
      local task = client:train(fixtures.form(folder.path))
      return (co.run(function() return select("#", task:wait()) == 1 end))
    end,
    ["task:result"] = function()
      local task = client:generate { model_name = NAME, prompt = "x", size = 128 }
      task:wait()
      return task:result()
    end,
    ["model:save"] = function() return model:save(folder.path .. "-model") end,
    ["client:request"] = function() return client:request("GET", "/v3/user") end,
    ["client.models:find"] = function() return client.models:find(model) end,
    ["client.assets:upload"] = function()
      return client.assets:upload { path = folder.path .. "/photo01.jpg" }
    end,
    ["client.trainings:create"] = function()
      local id = assert(client.assets:upload { bytes = fixtures.photo(), extension = "jpeg" })
      return client.trainings:create("subject", { name = "x", base_model = "v1-5-pruned-emaonly",
        width = 512, height = 512, image_dataset_items = { { assets_id = id } },
        expert_setting = { instance_prompt = "x", class_prompt = "person" } })
    end,
  }

  for name, call in pairs(calls) do
    it(name, function()
      local values = table.pack(call())
      assert.is_truthy(values[1], tostring(values[2]))
      assert.equal(1, values.n)
    end)
  end
end)
