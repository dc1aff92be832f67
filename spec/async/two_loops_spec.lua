--- Two clients with different loops in one Lua state: each loop keeps its time while a thousand
--- waits of either client are under way.

local core = require "novita.core"
local fixtures = require "support.fixtures"
local novita = require "novita"

local found, uv = pcall(require, "luv")

local WAITS <const> = 1000 -- of each client
local TICK <const> = 0.01
local PORTION <const> = 100 -- waits of each client that start at a time
-- A busy machine delays a tick, but does not make us spend more CPU time before it. So the CPU time
-- between two ticks has a strict bound, the delay itself one that only a loop that blocks exceeds.
local CPU_MOST <const> = 0.1
local LATE_MOST <const> = 1 -- later than the same ticker without waits
local ROUNDS <const> = 5 -- the best one counts

-- Drives novita's own loop from luv, and returns a function that stops this.
local function drive_own()
  local poll, timer = uv.new_poll(novita.loop:pollfd()), uv.new_timer()
  local function step()
    novita.loop:step(0)
    local left = novita.loop:timeout()
    if left and left > 0 then timer:start(math.ceil(left * 1000), 0, step) end
  end
  poll:start("r", step)
  step()
  return function()
    poll:close()
    timer:close()
  end
end

-- Calls `work(done)` next to a ticker of either loop, until it has called done(). Returns the delay
-- of the latest tick, the most CPU time between two, and how many there were in luv and in novita's
-- own loop.
local function tick(group, own, work)
  local latest, most, over, ticks, stop = 0, 0, false, { 0, 0 }, nil
  local last, spent = { core.now(), core.now() }, { os.clock(), os.clock() }
  local function ticked(which)
    local at, cpu = core.now(), os.clock()
    latest, last[which] = math.max(latest, at - last[which] - TICK), at
    most, spent[which] = math.max(most, cpu - spent[which]), cpu
    ticks[which] = ticks[which] + 1
  end
  local timer = uv.new_timer()
  timer:start(10, 10, function()
    ticked(1)
    if over then
      timer:close()
      stop()
    end
  end)
  group:spawn(function()
    while not over do
      own:sleep(TICK)
      ticked(2)
    end
  end)
  stop = drive_own()
  work(function() over = true end)
  uv.run()
  return latest, most, ticks
end

local function after(seconds, fn)
  local timer = uv.new_timer()
  timer:start(math.floor(seconds * 1000), 0, function()
    timer:close()
    fn()
  end)
end

local function idle(seconds)
  return function(done)
    after(seconds, done)
  end
end

-- All waits of both clients; the service lets them end after some polls.
local function waits(service, group, own, in_luv, ended)
  return function(done)
    service:clear_faults()
    service:fault { kind = "status", status = 200, route = "status", forever = true,
      body = '{"task_status":"TRAINING"}' }
    local left, failed = 2 * WAITS, nil
    local function wait(client, number)
      local task = client:attach { task_id = ("id-%d"):format(number), task_type = "subject" }
      local model = task:wait()
      failed = failed or not model
      left = left - 1
      if left == 0 then
        ended(not failed)
        done()
      end
    end
    for first = 1, WAITS, PORTION do
      after(first / PORTION * TICK, function()
        for number = first, first + PORTION - 1 do
          coroutine.wrap(wait)(in_luv, number)
          group:spawn(wait, own, number)
        end
      end)
    end
    after(0.6, function()
      service:clear_faults()
      service:fault { kind = "status", status = 200, route = "status", forever = true,
        body = '{"task_status":"SUCCESS","models":[{"model_status":"SERVING","model_name":"m"}]}' }
    end)
  end
end

describe("two clients with different loops", function()
  if not found then
    pending "luv is not installed (Debian: lua-luv)"
    return
  end

  it("keep both loops on time during a thousand waits each", function()
    local service <close> = fixtures.service { log_limit = 10 }
    local poll = { first = 0, min = 0.3, max = 0.3, rate = 4000 }
    local own <close> = fixtures.client(service, { poll = poll })
    local in_luv <close> = fixtures.client(service, { poll = poll,
      loop = require "novita.loop.luv" })
    local late, cpu
    for _ = 1, ROUNDS do
      local group = own:group()
      local floor = tick(group, own, idle(0.3))
      local all
      local latest, most, ticks = tick(group, own, waits(service, group, own, in_luv,
        function(good) all = good end))
      assert.is_true(all, "each wait has its model")
      assert.is_true(ticks[1] > 1 and ticks[2] > 1, "both loops have run")
      late, cpu = latest - floor, most
      if late <= LATE_MOST and cpu <= CPU_MOST then break end
    end
    assert.is_true(late <= LATE_MOST, ("%.0f ms later than without waits"):format(late * 1000))
    assert.is_true(cpu <= CPU_MOST, ("%.0f ms of CPU between two ticks"):format(cpu * 1000))
  end)
end)
