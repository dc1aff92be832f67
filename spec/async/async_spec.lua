local co = require "support.coroutines"
local core = require "novita.core"
local novita = require "novita"
local ops = require "novita.async.op"
local scheduler = require "novita.async.scheduler"
local fixtures = require "support.fixtures"

local function seconds(fn, ...)
  local began = core.now()
  fn(...)
  return core.now() - began
end

local fails = fixtures.fails

local function canceled(err)
  return type(err) == "table" and err.kind == "canceled"
end

-- A future that never ends; a timer far in the future keeps the loop busy.
local function endless()
  scheduler.own():core():timer(co.future(), 3600)
  return co.future()
end

describe("run, spawn and sleep", function()
  it("return the function's results and pass arguments on", function()
    local a, b = co.run(function(x, y) return x + y, y end, 1, 2)
    assert.same({ 3, 2 }, { a, b })
    assert.same({ nil, "why" }, { co.run(function() return nil, "why" end) })
    assert.equal(3, co.run(function(...) return select("#", ...) end, nil, nil, nil))
  end)

  it("raise the function's error unchanged", function()
    local mine = setmetatable({}, { __tostring = function() return "mine" end })
    assert.equal(mine, select(2, pcall(co.run, function() error(mine) end)))
    assert.equal("flat", select(2, pcall(co.run, function() error("flat", 0) end)))
    fails("error%(nil%)", co.run, function() error(nil) end)
  end)

  it("sleep concurrently and wake in order of time", function()
    local order = {}
    local took = seconds(co.run, function()
      for _, delay in ipairs { 0.06, 0.02, 0.04 } do
        co.spawn(function() co.sleep(delay) order[#order + 1] = delay end)
      end
    end)
    assert.same({ 0.02, 0.04, 0.06 }, order)
    assert.is_true(took >= 0.06 and took < 0.11, took)
  end)

  it("sleep in a plain script lets the others continue", function()
    local ticks = 0
    local group <close> = co.group {}
    group:spawn(function() for _ = 1, 3 do co.sleep(0.01) ticks = ticks + 1 end end)
    co.sleep(0.08)
    assert.equal(3, ticks)
  end)

  it("run waits for every spawned coroutine, however deeply nested", function()
    local done
    co.run(function()
      co.spawn(function()
        co.spawn(function() co.sleep(0.03) done = true end)
      end)
    end)
    assert.is_true(done)
  end)

  it("run inside run is a group inside a group", function()
    assert.equal("inner", co.run(function()
      return (co.run(function() co.sleep(0.01) return "inner" end))
    end))
  end)

  it("refuse wrong use at the caller's line", function()
    fails("async_spec.lua:%d+: seconds must be a number >= 0, got %-1", function()
      co.sleep(-1)
    end)
    fails("async_spec.lua:%d+: seconds must be a number >= 0, got nan",
      function() co.sleep(0 / 0) end)
    fails("async_spec.lua:%d+: limit must be an integer >= 1, got 0",
      function() co.group { limit = 0 } end)
    fails("async_spec.lua:%d+: fn must be a function, got 3", function() co.group({}):spawn(3) end)
    fails('async_spec.lua:%d+: timeout must be a number of seconds, got "soon"',
      function() co.future():wait "soon" end)
    fails("async_spec.lua:%d+: timeout must be a number of seconds, got nan",
      function() co.future():wait(0 / 0) end)
    fails("async_spec.lua:%d+: tasks%[1%] must be .*, got nil",
      function() novita.as_completed { nil, co.future() } end)
  end)

  it("treat a bare coroutine.yield as 'let the others run first'", function()
    local order = {}
    co.run(function()
      for _, name in ipairs { "a", "b" } do
        co.spawn(function()
          for i = 1, 2 do order[#order + 1] = name .. i coroutine.yield() end
        end)
      end
    end)
    assert.same({ "a1", "b1", "a2", "b2" }, order)
  end)

  it("keep timers running while two coroutines wake each other forever", function()
    local stop
    co.run(function()
      for _ = 1, 2 do
        co.spawn(function() while not stop do coroutine.yield() end end)
      end
      co.sleep(0.02)
      stop = true
    end)
  end)
end)

describe("a group", function()
  it("runs at most `limit` at a time, and spawn waits for a free place", function()
    local running, most, spawned = 0, 0, 0
    co.run(function()
      local group <close> = co.group { limit = 3 }
      for _ = 1, 10 do
        group:spawn(function()
          running = running + 1
          most = math.max(most, running)
          co.sleep(0.005)
          running = running - 1
        end)
        spawned = spawned + 1
        assert.is_true(running <= 3)
      end
      assert.equal(10, spawned)
    end)
    assert.equal(3, most)
    assert.equal(0, running)
  end)

  it("has the same limit in a plain script", function()
    local running, most = 0, 0
    do
      local group <close> = co.group { limit = 2 }
      for _ = 1, 6 do
        group:spawn(function()
          running = running + 1
          most = math.max(most, running)
          co.sleep(0.005)
          running = running - 1
        end)
      end
    end
    assert.equal(2, most)
    assert.equal(0, running)
  end)

  it("does not deadlock when its own coroutines spawn others", function()
    local ended = 0
    co.run(function()
      local group <close> = co.group { limit = 2 }
      for _ = 1, 6 do
        group:spawn(function()
          co.spawn(function() co.sleep(0.001) ended = ended + 1 end):wait()
        end)
      end
    end)
    assert.equal(6, ended)
  end)

  it("cancels the others when one fails, joins them, and raises at the end of its block", function()
    local seen, cleaned
    local took = seconds(function()
      fails("^boom$", co.run, function()
        local group <close> = co.group {}
        group:spawn(function()
          local _ <close> = setmetatable({}, { __close = function() cleaned = true end })
          local ok, err = pcall(co.sleep, 60)
          seen = not ok and err
          error(err, 0)
        end)
        group:spawn(function() co.sleep(0.01) error("boom", 0) end)
      end)
    end)
    assert.is_true(canceled(seen))
    assert.is_true(cleaned)
    assert.is_true(took < 1)
  end)

  it("collects errors instead with `collect`", function()
    local group = co.group { collect = true }
    local reached = 0
    do
      local _ <close> = group
      group:spawn(function() error("one", 0) end)
      group:spawn(function() co.sleep(0.01) reached = reached + 1 end)
      group:spawn(function() co.sleep(0.02) error("two", 0) end)
    end
    assert.same({ "one", "two" }, group.errors)
    assert.equal(1, reached)
  end)

  it("stops spawning after a failure", function()
    local count = 0
    fails("^first$", co.run, function()
      local group <close> = co.group { limit = 1 }
      for _ = 1, 10 do
        group:spawn(function() count = count + 1 error("first", 0) end)
      end
    end)
    assert.equal(1, count)
  end)

  it("cancels and joins when an error leaves its block, and keeps that error", function()
    local ended
    fails("^body$", co.run, function()
      local group <close> = co.group {}
      group:spawn(function()
        local _ <close> = setmetatable({}, { __close = function() ended = true end })
        co.sleep(60)
      end)
      co.sleep(0.01)
      error("body", 0)
    end)
    assert.is_true(ended)
  end)

  it("passes an error through nested groups and joins each of them", function()
    local ended = {}
    local function guard(name)
      return setmetatable({}, { __close = function()
        co.sleep(0.005)
        ended[#ended + 1] = name
      end })
    end
    local took = seconds(function()
      fails("^deep$", co.run, function()
        local outer <close> = co.group {}
        outer:spawn(function()
          local _ <close> = guard "uncle"
          co.sleep(60)
        end)
        outer:spawn(function()
          local _ <close> = guard "parent"
          local inner <close> = co.group {}
          inner:spawn(function()
            local _ <close> = guard "sibling"
            co.sleep(60)
          end)
          inner:spawn(function() co.sleep(0.01) error("deep", 0) end)
        end)
      end)
    end)
    assert.same({ "sibling", "parent", "uncle" }, ended)
    assert.is_true(took < 1)
  end)

  it("is still joined by a parent that is canceled twice while it joins", function()
    local alive = 0
    co.run(function()
      local parent = co.spawn(function()
        local group <close> = co.group {}
        group:spawn(function()
          alive = alive + 1
          local _ <close> = setmetatable({}, {
            __close = function() co.sleep(0.03) alive = alive - 1 end })
          co.sleep(60)
        end)
        group:wait()
      end)
      co.sleep(0.005)
      parent:cancel()
      co.sleep(0.01)
      parent:cancel()
      pcall(parent.wait, parent)
      assert.equal(0, alive)
    end)
  end)

  it("does not fail when one of its coroutines is canceled on purpose", function()
    local other
    co.run(function()
      local group <close> = co.group {}
      local fiber = group:spawn(co.sleep, 60)
      group:spawn(function() co.sleep(0.02) other = true end)
      co.sleep(0.005)
      fiber:cancel()
      assert.is_true(canceled(select(2, pcall(fiber.wait, fiber))))
    end)
    assert.is_true(other)
  end)

  it("accepts no coroutine after its block has ended", function()
    local group = co.group {}
    do local _ <close> = group end
    fails("async_spec.lua:%d+: the group has ended", function() group:spawn(print) end)
  end)
end)

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
      co.sleep(0.02)
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
      local says = "async_spec.lua:%d+: this wait is inside a function that cannot yield"
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
      fails("async_spec.lua:%d+: this wait is in a coroutine that the script made", mine)
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
    fails("async_spec.lua:%d+: step is for the loop around", co.run, function()
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

describe("many coroutines", function()
  it("ten thousand at once", function()
    local ended = 0
    co.run(function()
      for i = 1, 10000 do
        co.spawn(function() co.sleep(i % 7 * 0.001) ended = ended + 1 end)
      end
    end)
    assert.equal(10000, ended)
  end)

  it("two thousand in a chain, each waiting for the one before it", function()
    local chain = co.run(function()
      local before
      for _ = 1, 2000 do
        local previous = before
        before = co.spawn(function()
          if not previous then co.sleep(0.01) return 1 end
          return previous:wait() + 1
        end)
      end
      return before:wait()
    end)
    assert.equal(2000, chain)
  end)

  it("three hundred that each run the next", function()
    local function deep(n)
      if n == 0 then co.sleep(0.001) return 0 end
      return co.spawn(deep, n - 1):wait() + 1
    end
    assert.equal(300, co.run(deep, 300))
  end)

  it("an error through three hundred nested groups", function()
    local function deep(n)
      local group <close> = co.group {}
      group:spawn(function()
        if n == 0 then co.sleep(0.001) error("bottom", 0) end
        deep(n - 1)
      end)
    end
    fails("^bottom$", co.run, deep, 300)
  end)
end)

describe("the garbage collector", function()
  local function story()
    local results = {}
    co.run(function()
      local group <close> = co.group { limit = 4 }
      for i = 1, 12 do
        group:spawn(function()
          co.sleep(0.001)
          local child = co.spawn(function() co.sleep(0.001) return { i } end)
          local result = child:wait(1)
          results[#results + 1] = result[1]
          assert(novita.image.prepare({ bytes = fixtures.photo() }, { size = 16 }))
        end)
      end
    end)
    assert.equal(12, #results)
  end

  for name, modes in pairs {
    ["at its most eager"] = { { "incremental", 0, 1000 }, { "incremental", 200, 100 } },
    ["generational"] = { { "generational", 5, 100 }, { "incremental" } },
  } do
    it(name .. " collects nothing that is still needed", function()
      collectgarbage(table.unpack(modes[1]))
      local ok, err = pcall(story)
      collectgarbage(table.unpack(modes[2]))
      assert(ok, err)
    end)
  end

  it("in full at every hundredth instruction collects nothing that is still needed", function()
    local output, status = fixtures.program [[
      local co = require "support.coroutines"
      local create = coroutine.create
      local function hooked(co)
        debug.sethook(co, function() collectgarbage() end, "", 100)
        return co
      end
      coroutine.create = function(f) return hooked(create(f)) end
      debug.sethook(function() collectgarbage() end, "", 100)
      local n = 0
      co.run(function()
        for i = 1, 8 do
          co.spawn(function()
            co.sleep(0.001)
            local one = co.spawn(function() return 1 end):wait(1)
            n = n + one
          end)
        end
      end)
      print(n)
    ]]
    assert.equal("8\n", output)
    assert.equal(0, status)
  end)

  it("collects everything of coroutines that have ended", function()
    local weak = setmetatable({}, { __mode = "v" })
    co.run(function()
      for i = 1, 5 do
        weak[i] = co.spawn(function() pcall(endless().wait, endless(), 0.001) end)
      end
    end)
    collectgarbage()
    collectgarbage()
    assert.is_nil(next(weak))
  end)
end)
