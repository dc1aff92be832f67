local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local ops = require "novita.async.op"
local scheduler = require "novita.async.scheduler"
local fixtures = require "support.fixtures"
local shared = require "support.waits"

local fails = fixtures.fails
local seconds, canceled, endless = shared.seconds, shared.canceled, shared.endless

describe("canceling", function()
  -- each starts something and waits for it
  local places = {
    ["a sleep"] = function() co.sleep(60) end,
    ["a future"] = function() endless():wait() end,
    ["a future with a timeout"] = function() endless():wait(60) end,
    ["another coroutine"] = function()
      local group <close> = co.group {}
      group:spawn(co.sleep, 60):wait()
    end,
    ["as_completed"] = function()
      for _ in novita.as_completed { endless(), endless() } do end
    end,
    ["a group's end"] = function()
      local group <close> = co.group {}
      group:spawn(co.sleep, 60)
    end,
    ["a place in a group"] = function()
      local group <close> = co.group { limit = 1 }
      group:spawn(co.sleep, 60)
      group:spawn(co.sleep, 60)
    end,
    ["run"] = function() co.run(co.sleep, 60) end,
    ["its first step"] = function() coroutine.yield() co.sleep(60) end,
    ["an op of the core"] = function()
      local loop = scheduler.own()
      ops.await(loop, function(future) return loop:core():timer(future, 60) end)
    end,
  }

  for name, place in pairs(places) do
    it("reaches " .. name .. ", and closes what is open", function()
      local closed, err
      local took = seconds(co.run, function()
        local fiber = co.spawn(function()
          local _ <close> = setmetatable({}, { __close = function(_, e) closed, err = true, e end })
          place()
        end)
        if name ~= "its first step" then co.sleep(0.005) end
        fiber:cancel()
        assert.is_true(canceled(select(2, pcall(fiber.wait, fiber))))
      end)
      assert.is_true(closed)
      assert.is_true(canceled(err))
      assert.is_true(took < 1)
    end)
  end

  it("reaches a plain call to the service, and leaves no request running", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    service:fault { kind = "hang" }
    co.run(function()
      local fiber = co.spawn(function() return client.trainings:get("x", "subject") end)
      co.sleep(0.05)
      fiber:cancel()
      local took = seconds(function() pcall(fiber.wait, fiber) end)
      assert.is_true(took < 0.5)
    end)
    assert.is_nil((client.trainings:get("x", "subject"))) -- and the client still works
  end)

  it("a coroutine that has ended does nothing", function()
    co.run(function()
      local fiber = co.spawn(function() return 1 end)
      assert.equal(1, fiber:wait())
      fiber:cancel()
      assert.equal(1, fiber:wait())
    end)
  end)
end)

describe("wait with a timeout", function()
  it("gives nil and a timeout error, and the operation continues", function()
    co.run(function()
      local fiber = co.spawn(function() co.sleep(0.04) return "late" end)
      local value, err = fiber:wait(0.01)
      assert.is_nil(value)
      assert.equal("timeout", err.kind)
      assert.is_true(err.retryable)
      assert.equal("late", fiber:wait(1))
    end)
  end)

  it("does the same in a plain script, even if nothing else is running", function()
    local took = seconds(function()
      assert.equal("timeout", select(2, co.future():wait(0.03)).kind)
    end)
    assert.is_true(took >= 0.03 and took < 0.2)
    assert.equal("timeout", select(2, co.future():wait(0)).kind)
    assert.equal("timeout", select(2, co.future():wait(-1)).kind)
  end)

  it("uses no more memory however often it is repeated, by however many coroutines", function()
    local future = endless()
    local function many(times)
      co.run(function()
        for _ = 1, 20 do
          co.spawn(function()
            for _ = 1, times do future:wait(0) end
          end)
        end
      end)
      collectgarbage()
      collectgarbage()
      return collectgarbage "count"
    end
    many(20)
    local before = many(20)
    local after = many(500)
    assert.is_true(after - before < 4, after - before)
    assert.is_nil(future.waiters)
  end)

  it("wakes the waiters of one operation in order, without those that gave up", function()
    local future, order = endless(), {}
    co.run(function()
      for i = 1, 6 do
        co.spawn(function()
          if future:wait(i % 3 == 0 and 0.005 or nil) then order[#order + 1] = i end
        end)
      end
      co.sleep(0.3)
      future:finish(true)
    end)
    assert.same({ 1, 2, 4, 5 }, order)
  end)

  it("is decided by which event came first if both come in one step", function()
    co.run(function()
      local future = co.future()
      co.spawn(function()
        local till = core.now() + 0.02
        while core.now() < till do end -- both are due when the loop looks again
        future:finish "there"
      end)
      assert.equal("there", future:wait(0.01))
    end)
  end)
end)

describe("a wait that cannot suspend", function()
  local function in_sort()
    table.sort({ 2, 1, 3 }, function(a, b)
      co.sleep(0.001)
      return a < b
    end)
  end

  local function in_gsub()
    string.gsub("abc", "%w", function() co.sleep(0.001) end)
  end

  it("raises inside table.sort and string.gsub, at the script's line", function()
    for _, place in ipairs { in_sort, in_gsub } do
      local says = "canceling_spec.lua:%d+: this wait is inside a function that cannot yield"
      fails(says, co.run, place)
    end
  end)

  it("blocks there in a plain script, and the others continue", function()
    local ticks = 0
    local group <close> = co.group {}
    group:spawn(function() while ticks < 3 do ticks = ticks + 1 co.sleep(0.001) end end)
    in_sort()
    in_gsub()
    assert.equal(3, ticks)
  end)

  it("suspends in metamethods, iterators and pcall", function()
    local object = setmetatable({}, {
      __index = function(_, name) co.sleep(0.001) return name end,
      __add = function() co.sleep(0.001) return "sum" end,
      __lt = function() co.sleep(0.001) return true end,
      __call = function() co.sleep(0.001) return "called" end,
    })
    co.run(function()
      assert.equal("field", object.field)
      assert.equal("sum", object + 1)
      assert.is_true(object < object)
      assert.equal("called", object())
      for i in function(_, i) co.sleep(0.001) return i < 3 and i + 1 or nil end, nil, 0 do
        assert.is_true(i > 0)
      end
      assert.same({ true, "x" }, { pcall(function() co.sleep(0.001) return "x" end) })
    end)
  end)

  it("raises in the script's own coroutine inside a novita coroutine", function()
    co.run(function()
      local mine = coroutine.wrap(function() co.sleep(0.001) end)
      fails("canceling_spec.lua:%d+: this wait is in a coroutine that the script made", mine)
      local list = coroutine.wrap(function() for i = 1, 3 do coroutine.yield(i) end end)
      assert.equal(1, list()) -- but they work as ever for what does not wait
      co.sleep(0.001)
      assert.equal(2, list())
    end)
  end)

  it("blocks in a coroutine of a plain script, and the others continue", function()
    local ticks = 0
    local group <close> = co.group {}
    local other = group:spawn(function()
      for _ = 1, 3 do co.sleep(0.001) ticks = ticks + 1 end
    end)
    local mine = coroutine.wrap(function()
      other:wait()
      coroutine.yield(ticks)
      return co.run(function() co.sleep(0.001) return "end" end)
    end)
    assert.equal(3, mine())
    assert.equal("end", mine())
  end)

  it("raises when a coroutine drives the client itself", function()
    local service <close> = fixtures.service {}
    local client <close> = fixtures.client(service)
    fails("canceling_spec.lua:%d+: step is for the loop around", co.run, function()
      client.loop:step(0)
    end)
    co.run(co.sleep, 0.001) -- nothing is broken by it
  end)

  it("raises instead of hanging if nothing could end it", function()
    local output, status = fixtures.program [[
      local co = require "support.coroutines"
      local novita = require "novita"
      local Future = require "novita.async.future"
      print(pcall(function() co.future():wait() end))
      print(pcall(co.run, function() co.future():wait() end))
      print(pcall(co.run, function()
        local a, b
        a = co.spawn(function() b:wait() end)
        b = co.spawn(function() a:wait() end)
      end))
      co.run(co.sleep, 0.001)
    ]]
    local says = "false%s+[^\n]-:%d+: nothing is under way that could end this wait"
    local _, count = output:gsub(says, "")
    assert.equal(3, count, output)
    assert.equal(0, status, output)
  end)
end)
