local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local scheduler = require "novita.async.scheduler"
local fixtures = require "support.fixtures"
local shared = require "support.tasks"

local fails = fixtures.fails
local BASE = "realisticVisionV51_v51VAE_94301.safetensors"
local elapsed, training, in_stage, asked =
  shared.elapsed, shared.training, shared.in_stage, shared.asked

describe("a training's handle", function()
  it("waits in a plain script and returns the model", function()
    local task, service, _ <close> = training()
    assert.is_false(task:done())
    assert.same({}, { task:result() })
    local model = assert(task:wait())
    assert.is_true(task:done())
    assert.equal(model, task:result())
    assert.equal(model, task:wait())
    assert.equal(service:ledger().tasks[1].model_name, model.model_name)
    assert.equal(task.task_id, model.task_id)
    assert.equal(model.model_name, tostring(model))
    assert.equal("subject", model.task_type)
    assert.equal("serving", task:status().stage)
    assert.matches([[^novita.Task %(subject "ohwx%-anna" %x+.*, serving%)$]], tostring(task))
  end)

  it("goes through its stages in order, and reports each change once", function()
    local options = { speed = 10, queue_seconds = 1, deploy_seconds = 2 }
    local task, _, _ <close> = training(3, options)
    local stages, uploaded, percent, times = {}, 0, 0, 0
    for status in task:updates() do
      times = times + 1
      if stages[#stages] ~= status.stage then stages[#stages + 1] = status.stage end
      assert.is_true((status.images_uploaded or 3) >= uploaded)
      uploaded = status.images_uploaded or uploaded
      if status.progress_percent then
        assert.is_true(status.progress_percent >= percent and status.progress_percent <= 100)
        percent = status.progress_percent
      end
      if status.stage == "training" then assert.equal("number", type(status.eta)) end
    end
    assert.same({ "preparing", "uploading", "submitting", "unknown", "queuing", "training",
      "deploying", "serving" }, stages)
    assert.equal(3, uploaded)
    assert.is_true(times < 60, times)
    assert.is_nil(task:updates()().progress_percent)
  end)

  it("counts bytes while it uploads", function()
    local task, service, _ <close> = training(2)
    service:fault { kind = "delay", delay = 0.1, route = "put", times = 2 }
    local seen
    for status in task:updates(0.02) do
      if status.stage == "uploading" and status.bytes_uploaded > 0 then seen = status end
    end
    assert.equal(2, seen.images)
    assert.is_true(seen.bytes_uploaded <= seen.bytes)
  end)

  it("repeats the status at the requested interval", function()
    local task, _, _ <close> = training(1, { queue_seconds = math.huge })
    in_stage(task, "queuing")
    local count = 0
    local took = elapsed(function()
      for _ in task:updates(0.01) do
        count = count + 1
        if count == 6 then break end
      end
    end)
    assert.is_true(took >= 0.035 and took < 0.5, took)
    fails("task_spec.lua:%d+: every must be a number of seconds > 0, got 0",
      function() task:updates(0) end)
    fails('every must be .* got "1"', function() task:updates "1" end)
  end)

  it("waits at most for its timeout, and continues", function()
    local task, service, _ <close> = training(1, { queue_seconds = math.huge })
    in_stage(task, "queuing")
    local value, err
    assert.is_true(elapsed(function() value, err = task:wait(0.05) end) < 0.3)
    assert.is_nil(value)
    assert.equal("timeout", err.kind)
    assert.equal(task.task_id, err.task_id)
    assert.is_false(task:done())
    service:configure { queue_seconds = 0 }
    assert(task:wait(10))
  end)

  it("fails with the service's reason and the id in the error", function()
    local task, service, _ <close> = training(1, { queue_seconds = math.huge })
    in_stage(task, "queuing")
    service:set_status(task.task_id, "FAILED")
    local model, err = task:wait(10)
    assert.is_nil(model)
    assert.equal("api", err.kind)
    assert.equal("FAILED", err.code)
    assert.equal(task.task_id, err.task_id)
    assert.equal("failed", task:status().stage)
    assert.matches('training "ohwx%-anna" ' .. task.task_id:gsub("%p", "%%%0") .. " failed",
      tostring(err))
  end)

  it("is canceled if the service says so", function()
    local task, service, _ <close> = training(1, { queue_seconds = math.huge })
    in_stage(task, "queuing")
    service:set_status(task.task_id, "CANCELED")
    assert.equal("CANCELED", select(2, task:wait(10)).code)
    assert.equal("canceled", task:status().stage)
  end)
end)

describe("several coroutines that use one task", function()
  it("all get the same result, in the order in which they began to wait", function()
    local task, _, _ <close> = training(1)
    local order, models = {}, {}
    co.run(function()
      for i = 1, 5 do
        co.spawn(function()
          models[task:wait()] = true
          order[#order + 1] = i
        end)
      end
    end)
    assert.same({ 1, 2, 3, 4, 5 }, order)
    assert.equal(task:result(), next(models))
  end)

  it("each iterate over all of its updates", function()
    local task, _, _ <close> = training(2)
    local seen = { {}, {}, {} }
    co.run(function()
      for i = 1, 3 do
        co.spawn(function()
          for status in task:updates(i == 3 and 0.01 or nil) do
            local list = seen[i]
            if list[#list] ~= status.stage then list[#list + 1] = status.stage end
          end
        end)
      end
    end)
    assert.same(seen[1], seen[2])
    assert.equal("serving", seen[3][#seen[3]])
    assert.equal("serving", seen[1][#seen[1]])
  end)

  it("each wait with their own timeout", function()
    local task, service, _ <close> = training(1, { queue_seconds = math.huge })
    local gave_up
    co.run(function()
      co.spawn(function()
        gave_up = select(2, task:wait(0.02)).kind
        service:configure { queue_seconds = 0 }
      end)
      assert(task:wait(10))
    end)
    assert.equal("timeout", gave_up)
  end)
end)

describe("closing a client", function()
  it("ends every wait with a canceled error, whatever the stage of the task", function()
    local service <close> = fixtures.service { queue_seconds = math.huge }
    local client = fixtures.client(service)
    local queued = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    in_stage(queued, "queuing")
    service:fault { kind = "hang", route = "put", forever = true }
    local uploading = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    in_stage(uploading, "uploading")
    assert.is_true(asked(client, service, "put"))
    local fresh = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    local attached = client:attach { task_id = "no-such-id", task_type = "image" }
    local errors = {}
    co.run(function()
      for i, task in ipairs { queued, uploading, fresh, attached } do
        co.spawn(function() errors[i] = select(2, task:wait()) end)
      end
      co.sleep(0.005)
      client:close()
    end)
    for i = 1, 4 do
      assert.equal("canceled", errors[i].kind)
      assert.matches("the client was closed", tostring(errors[i]))
    end
    assert.equal(queued.task_id, errors[1].task_id)
    assert.equal("no-such-id", errors[4].task_id)
    for _ = 1, 3 do scheduler.own():step(0.01) end -- after the flows nothing happens
    assert.is_false(scheduler.own():core():busy())
    assert.is_nil(next(client.flows))
  end)

  it("ends a coroutine's plain call", function()
    local service <close> = fixtures.service {}
    local client = fixtures.client(service)
    service:fault { kind = "hang" }
    local value, err
    co.run(function()
      co.spawn(function() value, err = client.trainings:get("x", "subject") end)
      co.sleep(0.02)
      client:close()
    end)
    assert.is_nil(value)
    assert.equal("canceled", err.kind)
  end)

  it("makes every later use raise at the caller's line", function()
    local service <close> = fixtures.service {}
    local client = fixtures.client(service)
    client:close()
    client:close()
    for _, call in ipairs {
      function() client:attach { task_id = "id", task_type = "image" } end,
      function() client:train(fixtures.form { { bytes = fixtures.photo() } }) end,
      function() client:generate { model_name = BASE, prompt = "x" } end,
    } do
      fails("task_spec.lua:%d+: the client is closed", call)
    end
  end)
end)

it("a method that is called with a dot says how to call it", function()
  local client <close> = require("novita").client { api_key = "sk_1" }
  for _, name in ipairs { "train", "generate", "attach", "upload", "request" } do
    fails("task_spec.lua:%d+: call %w+ with a colon: client:%w+", function()
      client[name] { task_type = "subject" }
    end)
  end
end)

describe("a dropped handle", function()
  it("does no harm while its task runs, and is collected when it has ended", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local weak = setmetatable({}, { __mode = "v" })
    do
      weak.task = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    end
    local till = core.now() + 10
    while (#service:ledger().tasks == 0 or scheduler.own():core():busy()) and core.now() < till do
      client.loop:step(0.05)
      collectgarbage()
    end
    collectgarbage()
    collectgarbage()
    assert.is_nil(weak.task)
    assert.equal("SERVING", service:ledger().tasks[1].model_status)
  end)
end)

describe("a response with an unexpected structure", function()
  it("is an error of that task only", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    for _, body in ipairs {
      '{"task":{"task_id":"x","status":"TASK_STATUS_SUCCEED"},"images":[5]}',
      '{"task":{"task_id":"x","status":"TASK_STATUS_SUCCEED"},"images":"no"}',
    } do
      service:fault { kind = "status", status = 200, body = body, route = "task-result" }
      local generated, err = client:attach { task_id = "x", task_type = "image" }:wait(5)
      assert.is_nil(generated)
      assert.equal("protocol", err.kind)
      assert.equal("x", err.task_id)
    end
  end)

  it("may have no link for one image, and the other images are still returned", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    service:fault { kind = "status", status = 200, route = "task-result",
      body = '{"task":{"task_id":"x","status":"TASK_STATUS_SUCCEED"},"images":[{"image_url":null},'
        .. '{"image_url":"http://127.0.0.1:1/x","image_type":"png"}]}' }
    local generated = assert(client:attach { task_id = "x", task_type = "image" }:wait(5))
    assert.equal(2, #generated)
    assert.equal("no_link", select(2, generated[1]:save(os.tmpname())).code)
  end)
end)

describe("memory", function()
  it("of ten thousand waits stays near 2,100 bytes each, coroutine included", function()
    local client <close> = novita.client { api_key = "sk_x", base_url = "http://127.0.0.1:1",
      poll = { first = 100, min = 100, max = 100 } }
    local function wait_for(number)
      client:attach { task_id = ("00000000-0000-4000-8000-%012d"):format(number),
        task_type = "subject" }:wait()
    end
    local group = co.group { collect = true }
    collectgarbage()
    collectgarbage()
    local before = collectgarbage "count"
    for i = 1, 10000 do group:spawn(wait_for, i) end
    client.loop:step(0)
    collectgarbage()
    collectgarbage()
    local each = (collectgarbage "count" - before) * 1024 / 10000
    group:cancel()
    group:wait()
    assert.is_true(each < 2150, each)
  end)
end)
