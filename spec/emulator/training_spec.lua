local emulator = require "novita.emulator"
local helper = require "support.emulator"

-- speed 0: the clock moves only by service:advance
local function start(options)
  options.speed = 0
  return assert(emulator.start(options))
end

local function states(service, ...)
  local out = {}
  for i, id in ipairs { ... } do out[i] = helper.status(service, id).json.task_status end
  return table.concat(out, " ")
end

describe("a training on the emulator", function()
  it("goes from QUEUING to SERVING by the clock", function()
    local service <close> = start { queue_seconds = 2, seconds_per_step = 0.1, deploy_seconds = 3 }
    local id = helper.train(service, 2)
    assert.matches("^%x+%-%x+%-4%x+%-[89ab]%x+%-%x+$", id)
    local first = helper.status(service, id)
    assert.same({ task_id = id, task_status = "QUEUING", model_type = "lora", models = {},
      extra = { eta_relative = 12, progress_percent = 0 } }, first.json)
    assert.truthy(first.body:find('"models":[]', 1, true))

    service:advance(2 + 2.5)
    assert.same({ task_id = id, task_status = "TRAINING", model_type = "lora", models = {},
      extra = { eta_relative = 7.5, progress_percent = 25 } }, helper.status(service, id).json)

    service:advance(7.5)
    local done = helper.status(service, id).json
    assert.equal("SUCCESS", done.task_status)
    assert.same({ eta_relative = 0, progress_percent = 100 }, done.extra)
    assert.equal(1, #done.models)
    assert.equal("DEPLOYING", done.models[1].model_status)
    assert.matches("^model_%d+_%x+%.safetensors$", done.models[1].model_name)

    service:advance(2.9)
    assert.equal("DEPLOYING", helper.status(service, id).json.models[1].model_status)
    service:advance(0.2)
    local serving = helper.status(service, id).json
    assert.equal("SERVING", serving.models[1].model_status)
    assert.equal(done.models[1].model_name, serving.models[1].model_name)
  end)

  it("runs by itself, faster with a higher speed", function()
    local service <close> = assert(emulator.start { speed = 1000, presign_ttl = 604800 })
    local id = helper.train(service)
    os.execute("sleep 0.05")
    assert.equal("SERVING", helper.status(service, id).json.models[1].model_status)
  end)

  it("waits for a slot, first come first served", function()
    local service <close> = start { slots = 1, queue_seconds = 0, seconds_per_step = 0.1 }
    local a, b, c = helper.train(service), helper.train(service), helper.train(service)
    assert.equal("TRAINING QUEUING QUEUING", states(service, a, b, c))
    service:advance(10)
    assert.equal("SUCCESS TRAINING QUEUING", states(service, a, b, c))
    assert.equal(20, helper.status(service, c).json.extra.eta_relative)
    service:configure { slots = 2 }
    assert.equal("SUCCESS TRAINING TRAINING", states(service, a, b, c))
    service:advance(10)
    assert.equal("SUCCESS SUCCESS SUCCESS", states(service, a, b, c))
  end)

  it("counts the tasks before it in the ETA of one that waits", function()
    local service <close> = start { slots = 2, queue_seconds = 0, seconds_per_step = 0.1 }
    local ids = {}
    for i = 1, 7 do ids[i] = helper.train(service) end
    local function etas()
      local list = {}
      for i, id in ipairs(ids) do
        local eta = helper.status(service, id).json.extra.eta_relative
        list[i] = eta and ("%.14g"):format(eta) or "-"
      end
      return table.concat(list, " ")
    end
    assert.equal("10 10 20 20 30 30 40", etas())
    service:advance(4)
    assert.equal("6 6 16 16 26 26 36", etas())
    service:advance(7) -- a second into the next two
    assert.equal("0 0 9 9 19 19 29", etas())
    service:set_status(ids[5], "FAILED") -- before it started: it takes no slot
    assert.equal("0 0 9 9 - 19 19", etas())
    service:configure { slots = 3 }
    assert.equal("TRAINING", helper.status(service, ids[6]).json.task_status)
  end)

  it("has the right history however late it is polled", function()
    local service <close> = start { slots = 1, queue_seconds = 0, seconds_per_step = 0.1 }
    helper.train(service)
    helper.train(service)
    service:advance(1000)
    local tasks = service:ledger().tasks
    assert.near(tasks[1].ends_at, tasks[2].started_at, 0.01)
    assert.near(10, tasks[2].ends_at - tasks[2].started_at, 0.01)
  end)

  it("can queue forever", function()
    local service <close> = start { queue_seconds = math.huge }
    local id = helper.train(service)
    service:advance(46 * 3600)
    local response = helper.status(service, id).json
    assert.equal("QUEUING", response.task_status)
    assert.same({ progress_percent = 0 }, response.extra)
  end)

  for why, bytes in pairs {
    ["is a text"] = "no image at all",
    ["was cut"] = helper.photo(1):sub(1, -40),
  } do
    it("fails if a photo " .. why, function()
      local service <close> = start { queue_seconds = 1 }
      local good, bad = helper.upload(service, helper.photo(1)), helper.upload(service, bytes)
      local id = helper.api(service, "POST", "/v3/training/subject",
        helper.subject { good, bad }).json.task_id
      assert.equal("QUEUING", states(service, id))
      service:advance(1)
      local response = helper.status(service, id)
      assert.equal("FAILED", response.json.task_status)
      assert.truthy(response.body:find('"models":[]', 1, true))
      assert.truthy(service:ledger().tasks[1].failure:find(bad, 1, true))
    end)

    it("is rejected if a photo " .. why .. ", if configured so", function()
      local service <close> = start { bad_asset = "reject" }
      local bad = helper.upload(service, bytes)
      local response = helper.api(service, "POST", "/v3/training/subject", helper.subject { bad })
      assert.equal(400, response.status)
      assert.equal("INVALID_REQUEST_BODY", response.json.reason)
      assert.same({}, service:ledger().tasks)
    end)
  end

  it("fails if a photo was never uploaded or never existed", function()
    local service <close> = start { queue_seconds = 0 }
    for _, id in ipairs { helper.presign(service).assets_id, "0123" } do
      local task = helper.api(service, "POST", "/v3/training/subject", helper.subject { id })
      assert.equal("FAILED", states(service, task.json.task_id))
    end
  end)

  it("gives a failed task's slot to the next", function()
    local service <close> = start { slots = 1, queue_seconds = 0 }
    helper.api(service, "POST", "/v3/training/subject", helper.subject { "nothing" })
    assert.equal("TRAINING", states(service, helper.train(service)))
  end)

  it("can be put into any state", function()
    local service <close> = start {}
    local id = helper.train(service)
    for _, word in ipairs { "UNKNOWN", "CANCELED", "FAILED", "SOMETHING_NEW" } do
      assert.is_true(service:set_status(id, word))
      assert.equal(word, states(service, id))
    end
    service:set_status(id, nil)
    assert.equal("QUEUING", states(service, id))
    assert.is_false(service:set_status("no-such-id", "FAILED"))
  end)

  it("is distinguished from a style, which has its own path", function()
    local service <close> = start {}
    local asset = helper.upload(service, helper.photo(1))
    local id = helper.api(service, "POST", "/v3/training/style", {
      name = "s", base_model = "dreamshaper_8_93211", width = 512, height = 512,
      image_dataset_items = { { assets_id = asset, caption = "a house" } },
    }).json.task_id
    assert.equal(200, helper.status(service, id, "style").status)
    assert.equal("TASK_NOT_FOUND", helper.status(service, id, "subject").json.reason)
  end)

  it("is found by a task_id in the body of a GET, unless strict", function()
    for strict, status in pairs { [false] = 200, [true] = 400 } do
      local service <close> = start { strict = strict }
      local id = helper.train(service)
      assert.equal(status, helper.api(service, "GET", "/v3/training/subject",
        { task_id = id }).status)
    end
  end)

  it("is paid from the balance, until that is used up", function()
    local service <close> = start { balance = 15000, training_price = 10000 }
    helper.train(service)
    local response = helper.api(service, "POST", "/v3/training/subject", helper.subject { "x" })
    assert.equal(400, response.status)
    assert.equal("BILLING_BALANCE_NOT_ENOUGH", response.json.reason)
    assert.equal(5000, service:ledger().balance)
    assert.equal(1, #service:ledger().tasks)
  end)
end)
