local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local support = require "support.client"

describe("as_completed", function()
  local service, client

  before_each(function()
    service = support.service { queue_seconds = math.huge }
    client = support.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  local function attached(count)
    local tasks = {}
    for i = 1, count do
      tasks[i] = client:attach { task_id = support.training(client), task_type = "subject" }
    end
    return tasks
  end

  local function fail(task)
    service:set_status(task.task_id, "FAILED")
  end

  -- Ends the tasks in this order, each after the iterator has returned the one before it.
  local function in_order(tasks, order)
    local given, at = {}, 1
    fail(tasks[order[1]])
    for task, value, err in novita.as_completed(tasks, 20) do
      given[#given + 1] = task
      assert.is_nil(value)
      assert.equal("FAILED", err.code)
      at = at + 1
      if order[at] then fail(tasks[order[at]]) end
    end
    assert.equal(#order, #given)
    for i, number in ipairs(order) do assert.equal(tasks[number], given[i]) end
  end

  it("gives each task once, in the order in which they end, in a plain script", function()
    in_order(attached(4), { 3, 1, 4, 2 })
  end)

  it("does the same in a coroutine, while the others continue", function()
    local ticks = 0
    local group <close> = co.group {}
    local fiber = group:spawn(function() in_order(attached(3), { 2, 3, 1 }) end)
    group:spawn(function()
      while not fiber:done() do
        ticks = ticks + 1
        co.sleep(0.001)
      end
    end)
    group:wait()
    assert.is_true(ticks > 3)
  end)

  it("gives tasks that had already ended, and a task listed twice only once", function()
    service:configure { queue_seconds = 0 }
    local one = client:attach { task_id = support.training(client), task_type = "subject" }
    local model = assert(one:wait(20))
    local seen = {}
    for task, value in novita.as_completed { one, one } do
      seen[#seen + 1] = { task, value }
    end
    assert.same({ { one, model } }, seen)
    for _ in novita.as_completed {} do error "an empty list has a task" end
  end)

  it("gives a timeout error for each late task, and the tasks continue", function()
    local tasks = attached(3)
    fail(tasks[2])
    local began, kinds = core.now(), {}
    for task, value, err in novita.as_completed(tasks, 0.3) do
      assert.is_nil(value)
      assert.is_nil(kinds[task])
      kinds[task] = err.kind
      assert.equal(task.task_id, err.task_id)
    end
    assert.is_true(core.now() - began < 5)
    assert.same({ [tasks[1]] = "timeout", [tasks[2]] = "api", [tasks[3]] = "timeout" }, kinds)
    assert.is_false(tasks[1]:done())
    fail(tasks[1])
    assert.equal("FAILED", select(2, tasks[1]:wait(20)).code)
  end)

  it("lets two for loops and a wait share one task", function()
    local tasks = attached(2)
    local counts = { 0, 0, 0 }
    local group <close> = co.group {}
    for i = 1, 2 do
      group:spawn(function()
        for _ in novita.as_completed(tasks) do counts[i] = counts[i] + 1 end
      end)
    end
    group:spawn(function()
      tasks[1]:wait()
      counts[3] = 1
    end)
    co.sleep(0.01)
    fail(tasks[1])
    fail(tasks[2])
    group:wait()
    assert.same({ 2, 2, 1 }, counts)
  end)

  it("removes its listeners from the tasks when the for loop is left", function()
    local tasks = attached(2)
    do
      local following <close> = select(4, novita.as_completed(tasks))
      assert.equal(following, tasks[1].listener)
    end
    assert.is_nil(tasks[1].listener)
    assert.is_nil(tasks[2].listener)
    fail(tasks[1])
    assert.equal("FAILED", select(2, tasks[1]:wait(20)).code)
  end)

  it("accepts coroutines too", function()
    local group <close> = co.group { collect = true }
    local slow = group:spawn(function() co.sleep(0.02) return "slow" end)
    local bad = group:spawn(function() error("the reason", 0) end)
    local seen = {}
    for fiber, value, err in novita.as_completed { slow, bad } do
      seen[#seen + 1] = { fiber, value, err }
    end
    assert.same({ { bad, nil, "the reason" }, { slow, "slow", nil } }, seen)
  end)
end)
