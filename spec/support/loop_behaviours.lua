--- The behaviour of task handles, groups and clients, which is the same under every loop:
-- spec/async/loop_<name>_spec.lua runs it under one loop each.

local as_completed = require "novita.async.as_completed"
local assert = require "luassert"
local busted = require "busted"
local fixtures = require "support.fixtures"
local novita = require "novita"

local fails = fixtures.fails
local it, before_each, after_each = busted.it, busted.before_each, busted.after_each

---@class spec.Loop
---@field name string
---@field loop? novita.Loop the driver; none: novita's own loop
---@field run fun(fn: function) runs fn in a coroutine of the loop until the loop has nothing
--- left to do
---@field sleep fun(seconds: number) the loop's own way to wait
---@field looks? boolean it checks periodically instead of waiting for the descriptor
---@field spawn fun(fn: function) one more coroutine of the loop, from inside of one

-- Raises an error of `fn` where `run` is called, whatever the loop does with errors.
local function runner(host)
  return function(fn)
    local ended, ok, err
    host.run(function()
      ok, err = pcall(fn)
      ended = true
    end)
    assert(ended, "the loop ended before its coroutine did")
    if not ok then error(err, 0) end
  end
end

-- Waits in the loop's own way until `reached()`.
local function until_true(host, reached)
  for _ = 1, 1000 do
    if reached() then return end
    host.sleep(0.01)
  end
  error "the condition was not reached"
end

local function asked(service, route)
  for _, request in ipairs(service:requests()) do
    if request.route == route then return true end
  end
  return false
end

local function images(count)
  local list = {}
  for i = 1, count do list[i] = { bytes = fixtures.photo() } end
  return list
end

local function train(client, count)
  return assert(client:train(fixtures.form(images(count or 1))))
end

-- How often the loop of the client is stepped while fn runs.
local function count_steps(client, fn, ...)
  local loop, steps = client.loop, 0
  local step = loop.step
  function loop.step(...)
    steps = steps + 1
    return step(...)
  end
  local ok, err = pcall(fn, ...)
  loop.step = nil
  return assert(ok and steps, err)
end

---@param host spec.Loop
local function behaviours(host)
  local run = runner(host)
  local service, client

  -- A task that ends only when the spec says so.
  local function endless()
    service:configure { queue_seconds = math.huge }
    return train(client)
  end

  before_each(function()
    service = fixtures.service { speed = 20, queue_seconds = 0, deploy_seconds = 0,
      seconds_per_step = 0.001 }
    client = fixtures.client(service, { loop = host.loop })
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  it("gives the result, while the loop's own work continues", function()
    local ticks, model, again = 0, nil, nil
    run(function()
      host.spawn(function()
        while not model do
          ticks = ticks + 1
          host.sleep(0.001)
        end
      end)
      local task = train(client, 2)
      model = assert(task:wait(20))
      again = task:wait()
    end)
    assert.equal(service:ledger().tasks[1].model_name, model.model_name)
    assert.equal(model, again)
    assert.is_true(ticks > 3, ticks)
  end)

  it("wakes every waiter of the same task", function()
    local models = {}
    run(function()
      local task = train(client)
      for i = 1, 5 do host.spawn(function() models[i] = assert(task:wait(20)) end) end
      models[6] = assert(task:wait(20))
    end)
    for i = 1, 6 do assert.equal(models[1], models[i]) end
  end)

  it("reports progress", function()
    local stages = {}
    run(function()
      for status in train(client, 2):updates() do
        if stages[#stages] ~= status.stage then stages[#stages + 1] = status.stage end
      end
    end)
    assert.equal("preparing", stages[1])
    assert.equal("serving", stages[#stages])
  end)

  it("waits at most for its timeout, and the task continues", function()
    run(function()
      local task = endless()
      local value, err = task:wait(0.05)
      assert.is_nil(value)
      assert.equal("timeout", err.kind)
      assert.is_false(task:done())
      service:configure { queue_seconds = 0 }
      assert(task:wait(20))
    end)
  end)

  -- Waits while the loop has nothing else to do: it must not spin.
  it("does not spin while it waits", function()
    if host.looks or os.getenv "NOVITA_POLLER" == "poll" then return end -- they poll
    local steps = count_steps(client, run, function() client:sleep(0.3) end)
    assert.is_true(steps <= 8, steps)
  end)

  local function stage_spec(stage, prepare, reached, ambiguous)
    it("is canceled while " .. stage, function()
      local woken = {}
      run(function()
        prepare()
        local task = train(client, 2)
        for i = 1, 2 do
          host.spawn(function() woken[i] = select(2, task:wait()) end)
        end
        reached(task)
        task:cancel()
        assert.equal("canceled", task:status().stage)
        assert.equal(woken[1], woken[2])
      end)
      assert.equal("canceled", woken[1].kind)
      assert.equal(woken[1], woken[2])
      assert.equal(ambiguous, woken[1].ambiguous)
    end)
  end

  local function nothing() end

  stage_spec("preparing", nothing, nothing)

  stage_spec("uploading", function()
    service:fault { kind = "hang", route = "put", forever = true }
  end, function() until_true(host, function() return asked(service, "put") end) end)

  stage_spec("creating", function()
    service:fault { kind = "hang", after = true, route = "create" }
  end, function() until_true(host, function() return asked(service, "create") end) end, true)

  stage_spec("waiting", function()
    service:configure { queue_seconds = math.huge }
  end, function() until_true(host, function() return asked(service, "status") end) end)

  it("fails with the service's reason", function()
    run(function()
      local task = endless()
      until_true(host, function() return task.task_id end)
      service:set_status(task.task_id, "FAILED")
      local model, err = task:wait(20)
      assert.is_nil(model)
      assert.equal("FAILED", err.code)
      assert.equal(task.task_id, err.task_id)
    end)
  end)

  -- {====== groups ======

  it("in a group runs at most `limit` at a time, each as a coroutine of the loop", function()
    local now, most, sum = 0, 0, 0
    run(function()
      local group <close> = client:group { limit = 3 }
      for i = 1, 12 do
        group:spawn(function(n)
          now = now + 1
          most = math.max(most, now)
          host.sleep(0.002)
          client:sleep(0.002)
          now, sum = now - 1, sum + n
        end, i)
      end
    end)
    assert.equal(3, most)
    assert.equal(78, sum)
  end)

  it("in a group that fails is canceled and joined, and the failure is raised", function()
    local events = {}
    local err = fails("the reason", run, function()
      local task = endless()
      do
        local group <close> = client:group {}
        group:spawn(function()
          local _ <close> = setmetatable({}, { __close = function()
            host.sleep(0.01)
            events[#events + 1] = "gone"
            task:cancel()
          end })
          task:wait()
          events[#events + 1] = "never"
        end)
        group:spawn(function()
          client:sleep(0.02)
          host.sleep(0.01)
          error("the reason", 0)
        end)
      end
      events[#events + 1] = "never"
    end)
    assert.equal("the reason", err)
    assert.same({ "gone" }, events)
  end)

  it("in a group that collects continues after a failure", function()
    local model, errors
    run(function()
      local group <close> = client:group { collect = true }
      group:spawn(function() model = assert(train(client):wait(20)) end)
      group:spawn(function() error("the reason", 0) end)
      group:wait()
      errors = group.errors
    end)
    assert.truthy(model)
    assert.same({ "the reason" }, errors)
  end)

  it("gives what a coroutine of the group returned, or raises what it raised", function()
    run(function()
      local group <close> = client:group { collect = true }
      local good = group:spawn(function(...) return select("#", ...), "b" end, nil, nil)
      local bad = group:spawn(function() error("the reason", 0) end)
      assert.same({ 2, "b" }, { good:wait(20) })
      fails("the reason", bad.wait, bad)
    end)
  end)

  it("is stopped by canceling its coroutine, which may clean up; the task continues", function()
    local closed, result
    run(function()
      local task = endless()
      local group <close> = client:group {}
      local fiber = group:spawn(function()
        local _ <close> = setmetatable({}, { __close = function() closed = true end })
        task:wait()
      end)
      client:sleep(0.01)
      fiber:cancel()
      result = table.pack(group:wait())
      assert.is_false(task:done())
      task:cancel()
    end)
    assert.is_true(closed)
    assert.equal(true, result[1])
  end)

  it("runs a tree of coroutines and waits for all of it", function()
    local leaves = 0
    run(function()
      local root <close> = client:group()
      for _ = 1, 3 do
        root:spawn(function()
          local branch <close> = client:group()
          for _ = 1, 3 do
            branch:spawn(function()
              client:sleep(0.001)
              leaves = leaves + 1
            end)
          end
        end)
      end
      root:wait()
      assert.equal(9, leaves)
    end)
  end)

  it("gives many tasks in the order in which they end", function()
    local models = {}
    run(function()
      local tasks = {}
      for i = 1, 3 do tasks[i] = train(client, i) end
      for task, model, err in as_completed(tasks, 20) do
        models[task] = assert(model, err)
      end
      for i = 1, 3 do assert.equal(tasks[i]:result(), models[tasks[i]]) end
      local late = endless()
      for task, model, err in as_completed({ late }, 0.05) do
        assert.equal(late, task)
        assert.is_nil(model)
        assert.equal("timeout", err.kind)
      end
      late:cancel()
    end)
  end)

  -- }======

  -- {====== ends without a waiter ======

  it("ends although its handle was dropped, and is then collected", function()
    local dropped = setmetatable({}, { __mode = "k" })
    run(function()
      local id
      do
        local task = endless()
        until_true(host, function() return task.task_id end)
        id, dropped[task] = task.task_id, true
      end
      collectgarbage()
      collectgarbage()
      assert.truthy(next(dropped)) -- the watch refers to it
      service:set_status(id, "FAILED")
      until_true(host, function()
        client:sleep(0)
        collectgarbage()
        return not next(dropped)
      end)
    end)
  end)

  it("ends when the client is closed while coroutines wait", function()
    local errors = {}
    run(function()
      local task = endless()
      local other = client:attach { task_id = "some-id", task_type = "subject" }
      for i, waited in ipairs { task, other, task } do
        host.spawn(function() errors[i] = select(2, waited:wait()) end)
      end
      host.spawn(function() errors[4] = select(2, client.trainings:get("x", "subject")) end)
      service:fault { kind = "hang", forever = true, route = "status" }
      until_true(host, function() return task.task_id end)
      client:close()
    end)
    for i = 1, 4 do assert.matches("the client was closed", tostring(errors[i])) end
    assert.equal("canceled", errors[1].kind)
  end)

  it("works with several clients of the loop at once", function()
    local models = {}
    run(function()
      local other <close> = fixtures.client(service, { loop = host.loop })
      local group <close> = client:group {}
      for _, one in ipairs { client, other } do
        group:spawn(function()
          local model = assert(train(one):wait(20))
          models[#models + 1] = model
        end)
      end
      assert(group:wait())
    end)
    assert.equal(2, #models)
    assert.not_equal(models[1].model_name, models[2].model_name)
  end)

  -- }======

  -- {====== where no coroutine can be suspended ======

  it("raises in a function that cannot yield, at the script's line", function()
    run(function()
      local task = endless()
      fails("^[^:]*loop_behaviours.lua:%d+: this wait is ", string.gsub, "x", "x", function()
        task:wait()
      end)
      fails("loop_behaviours.lua:%d+: this wait is ", table.sort, { 1, 2 }, function()
        client:sleep(1)
      end)
      task:cancel()
    end)
  end)

  if not host.loop then return end

  it("raises outside of the loop's coroutines", function()
    local task = endless()
    local name = "could suspend, and blocking would stop its loop: wait in a coroutine of "
      .. host.name
    fails("loop_behaviours.lua:%d+: .*" .. name, function() task:wait() end)
    fails(name, function() client.trainings:get("x", "subject") end)
    task:cancel()
  end)

  -- Each step is one iteration of the loop, which does its own work between them.
  it("starts and wakes many in portions, not all in one iteration of the loop", function()
    local ended = 0
    local steps = count_steps(client, run, function()
      local group <close> = client:group {}
      for _ = 1, 1000 do
        group:spawn(function()
          client:sleep(0.001)
          ended = ended + 1
        end)
      end
    end)
    assert.equal(1000, ended)
    assert.is_true(steps >= 30, steps)
  end)

  it("works with a new loop object after the first was dropped", function()
    local model
    run(function() client:sleep(0.001) end)
    run(function() model = train(client):wait(20) end)
    assert.truthy(model)
  end)

  it("checks photos, while the loop's own work continues", function()
    local ticks, checks = 0, {}
    run(function()
      local photos = assert(novita.dataset(images(3), { loop = host.loop }))
      local again = assert(novita.dataset(photos:filter(function() return true end)))
      local ended
      host.spawn(function()
        for i, set in ipairs { photos, again } do
          checks[i] = set:check { prepare = { size = 64 } }
        end
        ended = true
      end)
      until_true(host, function()
        ticks = ticks + 1
        return ended
      end)
    end)
    assert.equal(3, #checks[1].photos)
    assert.equal(64, checks[2].photos[3].facts.width)
    assert.is_true(ticks > 1)
  end)

  it("does not meet a client with novita's own loop", function()
    local own <close> = fixtures.client(service)
    local models = {}
    run(function()
      local task = train(client)
      host.sleep(0.001) -- libuv runs from here on
      local nested = select(2, pcall(own.sleep, own, 0.001))
      if not host.looks then -- novita cannot know that such a loop runs
        assert.matches("would stop the loop of " .. host.name, tostring(nested))
      end
      models[1] = assert(task:wait(20))
    end)
    local task = train(own)
    models[2] = assert(task:wait(20)) -- blocks
    do
      local group <close> = own:group()
      group:spawn(function()
        local other = train(client)
        local refused = select(2, pcall(other.wait, other))
        assert.matches("this wait belongs to the loop " .. host.name
          .. ", but it is in a coroutine of the loop novita", tostring(refused))
        own:sleep(0.001)
        other:cancel()
      end)
    end
    assert.equal(2, #models)
  end)

  it("is not disturbed if its coroutine is resumed by mistake", function()
    local woken = 0
    run(function()
      local co
      host.spawn(function()
        co = coroutine.running()
        client:sleep(0.1)
        woken = woken + 1
      end)
      until_true(host, function() return co end)
      host.sleep(0.01)
      host.loop.wake(co)
      host.sleep(0.01)
      assert.equal(0, woken)
    end)
    assert.equal(1, woken)
  end)

  -- }======
end

return behaviours
