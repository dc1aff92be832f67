local co = require "support.coroutines"
local scheduler = require "novita.async.scheduler"
local fixtures = require "support.fixtures"
local shared = require "support.tasks"

local fails = fixtures.fails
local BASE = "realisticVisionV51_v51VAE_94301.safetensors"
local elapsed, training, in_stage, asked, tasks_of =
  shared.elapsed, shared.training, shared.in_stage, shared.asked, shared.tasks_of

describe("canceling a task", function()
  local function assert_canceled(task, begins)
    local value, err
    assert.is_true(elapsed(function() value, err = task:wait(1) end) < 0.5)
    assert.is_nil(value)
    assert.equal("canceled", err.kind)
    assert.matches("^" .. begins, tostring(err))
    assert.equal("canceled", task:status().stage)
    local statuses = {}
    for status in task:updates() do statuses[#statuses + 1] = status.stage end
    assert.same({ "canceled" }, statuses)
    return err
  end

  local function stage_spec(stage, prepare, reached, check)
    it("while it is " .. stage, function()
      local service <close> = fixtures.service { speed = 20, queue_seconds = 0.2,
        deploy_seconds = 0.2, seconds_per_step = 0.002 }
      local client <close> = fixtures.client(service)
      prepare(service)
      local images = { { bytes = fixtures.photo() }, { bytes = fixtures.photo() } }
      local task = assert(client:train(fixtures.form(images)))
      reached(task, client, service)
      local woken, canceled
      local group <close> = co.group {}
      group:spawn(function() woken = select(2, task:wait()) end)
      group:spawn(function() co.sleep(0.001) canceled = task:cancel() end)
      group:wait()
      assert.equal(stage == "preparing" or stage == "uploading", canceled)
      assert.equal(canceled, task:cancel())
      assert.equal("canceled", woken.kind)
      check(task, service)
      -- nothing continues; a request that was already sent may still reach the service's log
      for _ = 1, 3 do client.loop:step(0.02) end
      local before = #service:requests()
      for _ = 1, 5 do client.loop:step(0.02) end
      assert.equal(before, #service:requests())
    end)
  end

  local function nothing() end

  stage_spec("preparing", nothing, nothing, function(task, service)
    assert_canceled(task, "canceled$")
    assert.equal(0, tasks_of(service))
  end)

  stage_spec("uploading", function(service)
    service:fault { kind = "hang", route = "put", forever = true }
  end, function(task, client, service)
    in_stage(task, "uploading")
    assert.is_true(asked(client, service, "put"))
  end, function(task, service)
    assert_canceled(task, "canceled$")
    assert.equal(0, tasks_of(service))
  end)

  stage_spec("submitting", function(service)
    service:fault { kind = "hang", after = true, route = "create" }
  end, function(task, client, service)
    in_stage(task, "submitting")
    assert.is_true(asked(client, service, "create"))
  end, function(task, service)
    local err = assert_canceled(task, "canceled during the paid request")
    assert.is_true(err.ambiguous)
    assert.matches("look for the task before paying again", tostring(err))
    assert.equal(1, tasks_of(service)) -- that is what ambiguous means
  end)

  for _, stage in ipairs { "queuing", "training", "deploying" } do
    stage_spec(stage, function(service)
      service:configure { [({ queuing = "queue_seconds", training = "seconds_per_step",
        deploying = "deploy_seconds" })[stage]] = 1000 }
    end, function(task) in_stage(task, stage) end, function(task, service)
      local err = assert_canceled(task, "canceled: no longer waiting for task")
      assert.is_nil(err.ambiguous)
      assert.equal(task.task_id, err.task_id)
      assert.matches("continues at the service; client:attach resumes the wait", tostring(err))
      assert.equal(1, tasks_of(service))
    end)
  end

  it("just as the response of the paid request arrives keeps the id", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local task = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    -- the response ends the call's future; the canceler is resumed before the flow
    local create = client.trainings.create
    client.trainings.create = function(...)
      local id, err = create(...)
      task:cancel()
      return id, err
    end
    local _, err = task:wait(10)
    assert.equal("canceled", err.kind)
    assert.equal(service:ledger().tasks[1].id, err.task_id)
    assert.equal(err.task_id, task.task_id)
    assert.is_nil(err.ambiguous)
    assert.matches("client:attach resumes the wait", tostring(err))
  end)

  it("twice, or after its end, changes nothing", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local task = assert(client:train(fixtures.form { { bytes = fixtures.photo() } }))
    local model = assert(task:wait(10))
    assert.is_false(task:cancel())
    assert.equal(model, task:result())
    local other = client:attach { task_id = "no-such-id", task_type = "subject" }
    other:cancel()
    local _, err = other:result()
    other:cancel()
    assert.equal(err, select(2, other:result()))
  end)

  it("happens at the end of its block", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local kept
    do
      local task <close> = client:attach { task_id = "no-such-id", task_type = "subject" }
      kept = task
    end
    assert.equal("canceled", select(2, kept:result()).kind)
    assert.is_false(scheduler.own():core():busy())
  end)

  it("does not happen when a waiting coroutine is canceled", function()
    local task, _, _ <close> = training(1)
    co.run(function()
      local waiter = co.spawn(function() task:wait() end)
      local reader = co.spawn(function() for _ in task:updates() do end end)
      co.sleep(0.005)
      waiter:cancel()
      reader:cancel()
    end)
    assert.is_false(task:done())
    assert(task:wait(10))
  end)
end)

describe("attach", function()
  it("waits for a training of another run", function()
    local task, service, _ <close> = training(1)
    in_stage(task, "unknown")
    local other <close> = fixtures.client(service)
    local again = other:attach { task_id = task.task_id, task_type = "subject" }
    assert.equal("unknown", again:status().stage)
    assert.equal(assert(task:wait(10)).model_name, assert(again:wait(10)).model_name)
    assert.equal("subject", again.task_type)
  end)

  it("waits for a style training", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local photos = assert(client:upload({ { bytes = fixtures.photo() } }):wait(20))
    local id = assert(client.trainings:create("style", {
      name = "s", base_model = "v1-5-pruned-emaonly", width = 512, height = 512,
      image_dataset_items = { { assets_id = photos[1].assets_id, caption = "a lamp" } },
      expert_setting = { max_train_steps = 100 },
    }))
    local model = assert(client:attach { task_id = id, task_type = "style" }:wait(10))
    assert.equal("style", model.task_type)
    assert.equal(service:ledger().tasks[1].model_name, model.model_name)
  end)

  it("waits for images", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    local id = assert(client.images:txt2img { request = { model_name = BASE, prompt = "a lamp",
      width = 256, height = 256, image_num = 2, steps = 20, guidance_scale = 7.5,
      sampler_name = "Euler a", seed = 1 } })
    local generated = assert(client:attach { task_id = id, task_type = "image" }:wait(10))
    assert.equal(2, #generated)
    assert.equal(id, generated.task_id)
    assert.is_true(#assert(generated[1]:bytes()) > 100)
  end)

  it("reports a missing task once it cannot be a delay of the service", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service, { poll = { first = 0.01, min = 0.01, max = 0.02,
      not_found_grace = 0.1 } })
    local _, err = client:attach { task_id = "no-such-id", task_type = "subject" }:wait(5)
    assert.equal("TASK_NOT_FOUND", err.code)
    assert.equal("no-such-id", err.task_id)
    assert.matches("check the task id and its kind", tostring(err))
  end)

  it("refuses wrong use at the caller's line", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    for _, wrong in ipairs { { "", "subject" }, { 5, "subject" }, { "a\nb", "subject" },
      { ("x"):rep(256), "image" } } do
      fails("task_cancel_spec.lua:%d+: task_id must be a string of 1 to 255 characters", function()
        client:attach { task_id = wrong[1], task_type = wrong[2] }
      end)
    end
    fails('task_cancel_spec.lua:%d+: task_type must be .* got "lora"',
      function() client:attach { task_id = "id", task_type = "lora" } end)
    fails('task_type must be "subject", "style" or "image", got nil',
      function() client:attach { task_id = "id" } end)
    fails("task_cancel_spec.lua:%d+: attach must be given { task_id =, task_type = } .* got \"id\"",
      function() client:attach "id" end)
    fails("task_cancel_spec.lua:%d+: task_tpye is not a field of attach: did you mean task_type%?",
      function() client:attach { task_id = "id", task_tpye = "style" } end)
  end)

  it("survives failed polls, and reports the problem", function()
    local task, service, _ <close> = training(1, { queue_seconds = math.huge })
    in_stage(task, "queuing")
    service:fault { kind = "status", status = 503, route = "status", times = 2 }
    service:fault { kind = "malformed", route = "status", times = 1 }
    service:fault { kind = "reset_before", route = "status", times = 1 }
    local seen = {}
    for status in task:updates() do
      assert.equal("queuing", status.stage)
      if status.last_error then seen[#seen + 1] = tostring(status.last_error) end
      if #seen > 0 and not status.last_error then break end
    end
    service:configure { queue_seconds = 0 }
    assert(task:wait(20))
    assert.matches("status 503", table.concat(seen, ","))
  end)
end)
