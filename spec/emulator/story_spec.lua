local emulator = require "novita.emulator"
local helper = require "support.emulator"
local image = require "novita.image"

local function wait_for(what)
  for _ = 1, 200 do
    local result = what()
    if result then return result end
    os.execute("sleep 0.05")
  end
  error("it took too long")
end

describe("the whole story on the emulator", function()
  it("goes from photos to images by the clock alone", function()
    local service <close> = assert(emulator.start { speed = 20 })
    local task_id = helper.train(service, 3)

    local seen = {}
    local name = wait_for(function()
      local response = helper.status(service, task_id).json
      local model = response.models[1]
      seen[response.task_status .. (model and " " .. model.model_status or "")] = true
      return model and model.model_status == "SERVING" and model.model_name
    end)
    assert.is_true(seen["SUCCESS SERVING"])
    assert.is_nil(seen.FAILED)

    local order = helper.order(function(request)
      request.loras = { { model_name = name, strength = 0.7 } }
    end)
    local image_id = helper.api(service, "POST", "/v3/async/txt2img", order).json.task_id
    local images = wait_for(function()
      local response = helper.api(service, "GET", "/v3/async/task-result?task_id=" .. image_id).json
      return response.task.status == "TASK_STATUS_SUCCEED" and response.images
    end)
    assert.equal(2, #images)
    for _, one in ipairs(images) do
      assert.equal(256, assert(image.decode(helper.curl(one.image_url).body)).width)
    end

    local ledger = service:ledger()
    assert.equal(1, #ledger.tasks)
    assert.equal("t1", ledger.tasks[1].name)
    assert.equal(name, ledger.tasks[1].model_name)
    assert.equal("SERVING", ledger.tasks[1].model_status)
    assert.equal(3, #ledger.tasks[1].assets)
    assert.equal(1, #ledger.image_tasks)
    assert.equal(3, #ledger.assets)
    assert.equal(#helper.photo(1), ledger.assets[1].size)
    assert.equal(0, ledger.upload_authorization)
    assert.equal(3, ledger.routes.put.requests)
    assert.equal(3, ledger.routes.put.responses["200"])
    assert.equal(1, ledger.routes.create.requests)
    assert.equal(2, ledger.routes.download.requests)
  end)

  it("is in the request log, which forgets the oldest", function()
    local service <close> = assert(emulator.start { log_limit = 3 })
    for i = 1, 5 do helper.status(service, "task-" .. i) end
    local log = service:requests()
    assert.equal(3, #log)
    assert.equal("/v3/training/subject?task_id=task-3", log[1].target)
    assert.equal("GET", log[3].method)
    assert.equal("status", log[3].route)
    assert.equal(404, log[3].status)
    assert.equal("Bearer " .. service.api_key, log[3].headers.authorization)
    assert.equal(5, service:ledger().routes.status.requests)
  end)

  it("uses the emulator's clock", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local before = service:now()
    assert.near(os.time(), before, 2)
    service:advance(3600)
    assert.near(before + 3600, service:now(), 0.001)
    local date = helper.api(service, "GET", "/v3/training").headers.date
    assert.equal(os.date("!%H:%M:%S", math.floor(service:now())), date:match("%d+:%d+:%d+"))
  end)
end)
