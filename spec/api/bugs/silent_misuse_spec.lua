--- Wrong use that seemed to work: a table of tasks with names as keys waited for nothing, ipairs
--- saw an empty list, and `novita:client {}` had the module as its options. Where a model was
--- refused, the message called it a table and did not say where it belongs.

local fixtures = require "support.fixtures"
local novita = require "novita"
local refusal = require "support.refusal"

describe("wrong use is refused", function()
  local service, client, task, model

  setup(function()
    service = fixtures.service { speed = 1000 }
    client = fixtures.client(service)
    task = client:train(fixtures.form { { bytes = fixtures.photo() } })
    model = assert(task:wait(20))
  end)

  teardown(function()
    client:close()
    service:stop()
  end)

  it("in a list of tasks that has names, is not a list, or has a model", function()
    local list = "tasks must be a list of task handles and coroutines, got "
    for wrong, why in pairs {
      [{ anna = task }] = list .. 'a table with the key "anna": write { task, other }',
      [{ task, anna = task }] = list .. 'a table with the key "anna": write { task, other }',
      [{ [0] = task }] = list .. "a table with the key 0: write { task, other }",
      [{ task, [3] = task }] = "tasks[2] must be a task handle or a coroutine, got nil",
      [{ task, model }] = "tasks[2] must be a task handle or a coroutine, got a novita.Model",
    } do
      assert.equal(why, refusal(novita.as_completed, wrong))
      assert.equal(why, refusal(novita.progress, wrong))
    end
    assert.equal(list .. "a novita.Task: write { task }", refusal(novita.as_completed, task))
    assert.equal(list:sub(1, -7) .. ", got 7", refusal(novita.as_completed, 7))
  end)

  it("of a list that is read page by page", function()
    local listed = client.trainings:list {}
    for _, wrong in ipairs {
      function() for _ in ipairs(listed) do error "an item" end end,
      function() for _ in pairs(listed) do error "a field" end end,
      function() return #listed end,
      function() return listed[1] end,
    } do
      assert.equal("this list is read page by page: write for item in list do, or take list:all()",
        refusal(wrong))
    end
    assert.is_nil(listed.complete)
    assert.equal(task.task_id, listed:all()[1].task_id)
    assert.is_true(listed.complete)
  end)

  it("of a model where a name or a list is expected", function()
    local function generate(change)
      return refusal(client.generate, client, change)
    end
    assert.equal("model_name must be the name of a checkpoint (a trained model goes into loras = "
      .. "{ { model_name = model } }), got a novita.Model",
      generate { model_name = model, prompt = "a" })
    assert.equal("loras[1] must be a table such as { model_name = model, strength = 0.7 }, "
      .. "got a novita.Model", generate { model_name = "m", prompt = "a", loras = { model } })
    assert.equal("loras must be a list such as { { model_name = model } }, got a novita.Model",
      generate { model_name = "m", prompt = "a", loras = model })
  end)

  it("of a function of the module as a method", function()
    for _, name in ipairs { "client", "batch", "dataset", "is_error", "progress" } do
      assert.equal(("call %s with a dot: novita.%s(...)"):format(name, name),
        refusal(novita[name], novita, {}))
    end
    assert.equal("call probe with a dot: novita.image.probe(...)",
      refusal(novita.image.probe, novita.image, "x.jpg"))
    assert.equal("call check with a dot: novita.safetensors.check(...)",
      refusal(novita.safetensors.check, novita.safetensors, "x.safetensors"))
  end)
end)
