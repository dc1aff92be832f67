local co = require "support.coroutines"
local scheduler = require "novita.async.scheduler"
local semaphore = require "novita.async.semaphore"

describe("a semaphore", function()
  it("gives permits in the order of arrival", function()
    local permits, order, holders, most = semaphore(scheduler.own(), 2), {}, 0, 0
    co.run(function()
      local group <close> = co.group {}
      for i = 1, 20 do
        group:spawn(function()
          local _ <close> = permits:acquire()
          order[#order + 1] = i
          holders, most = holders + 1, math.max(most, holders + 1)
          co.sleep(0.001)
          holders = holders - 1
        end)
      end
    end)
    for i = 1, 20 do assert.equal(i, order[i]) end
    assert.equal(2, most)
  end)

  it("loses no permit if coroutines are canceled in the queue", function()
    local permits, got = semaphore(scheduler.own(), 1), {}
    co.run(function()
      local group <close> = co.group { collect = true }
      local first, fibers = permits:acquire(), {}
      for i = 1, 6 do
        fibers[i] = group:spawn(function()
          local _ <close> = permits:acquire()
          got[#got + 1] = i
        end)
      end
      co.sleep(0)
      fibers[2]:cancel() -- while it waits
      getmetatable(first).__close(first)
      fibers[4]:cancel()
    end)
    assert.same({ 1, 3, 5, 6 }, got)
    co.run(function()
      local _ <close> = permits:acquire()
      got = "all back"
    end)
    assert.equal("all back", got)
  end)
end)
