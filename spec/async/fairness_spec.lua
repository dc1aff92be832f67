--- Which fibers a step of the loop runs: a few of the new ones, and those that were woken.

local co = require "support.coroutines"
local novita = require "novita"
local scheduler = require "novita.async.scheduler"

local found, uv = pcall(require, "luv")

local NEW <const> = 1000
local FEW <const> = 100 -- of the new ones start before a fiber that was woken continues

local function steps(most, ended)
  for _ = 1, most do
    if ended() then return end
    scheduler.own():step(0)
  end
  assert.is_true(ended(), "not within " .. most .. " steps")
end

describe("a step", function()
  it("lets a fiber whose time has come continue before a thousand new ones", function()
    local started, before = 0, nil
    local group <close> = co.group()
    group:spawn(function()
      co.sleep(0)
      before = started
    end)
    scheduler.own():step(0)
    for _ = 1, NEW do
      group:spawn(function() started = started + 1 end)
    end
    steps(NEW, function() return before end)
    assert.is_true(before <= FEW, before .. " had started")
    steps(NEW, function() return started == NEW end)
  end)

  it("starts new fibers while others are always ready", function()
    local over, started, order = false, 0, {}
    local group <close> = co.group()
    local _ <close> = setmetatable({}, { __close = function() over = true end })
    for _ = 1, NEW do
      group:spawn(function()
        started = started + 1
        while not over do coroutine.yield() end
      end)
    end
    steps(NEW, function() return started == NEW end)
    for i = 1, FEW do
      group:spawn(function() order[i] = #order == i - 1 end)
    end
    steps(FEW, function() return #order == FEW end)
    for i = 1, FEW do assert.is_true(order[i], "in the order of their spawn") end
  end)

  it("starts what was spawned before a sleep of no time, before that ends", function()
    local order = {}
    co.run(function()
      co.spawn(function() order[#order + 1] = "spawned" end)
      co.sleep(0)
      order[#order + 1] = "slept"
    end)
    assert.same({ "spawned", "slept" }, order)
  end)

  it("leaves the descriptor readable if another is due at once", function()
    if not found then
      pending "luv is not installed (Debian: lua-luv)"
      return
    end
    local started = 0
    local group <close> = co.group()
    local poll, limit = uv.new_poll(novita.loop:pollfd()), uv.new_timer()
    local function stop()
      poll:close()
      limit:close()
    end
    poll:start("r", function()
      novita.loop:step(0)
      if started == NEW then stop() end
    end)
    limit:start(10000, 0, stop)
    for _ = 1, NEW do
      group:spawn(function() started = started + 1 end)
    end
    uv.run()
    assert.equal(NEW, started)
  end)
end)
