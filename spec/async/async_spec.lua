local co = require "support.coroutines"
local novita = require "novita"
local fixtures = require "support.fixtures"
local shared = require "support.waits"

local fails = fixtures.fails
local seconds, canceled, endless = shared.seconds, shared.canceled, shared.endless

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
    fails(_VERSION == "Lua 5.4" and "error%(nil%)" or "<no error object>", co.run,
      function() error(nil) end)
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
