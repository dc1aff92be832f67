--- A coroutine that was canceled between two waits still started its next call, and left an upload
-- running without a waiter.

local co = require "support.coroutines"
local scheduler = require "novita.async.scheduler"
local fixtures = require "support.fixtures"

describe("an upload", function()
  local service, client

  before_each(function()
    service = fixtures.service()
    client = fixtures.client(service)
  end)

  after_each(function()
    client:close()
    service:stop()
  end)

  it("is not started by a coroutine that was canceled before", function()
    local begun, reached = 0, false
    co.run(function()
      local group <close> = co.group()
      local gate = co.future()
      local fiber = group:spawn(function()
        gate:wait()
        reached = true
        client.assets:upload({ bytes = fixtures.photo() }, nil, function() begun = begun + 1 end)
      end)
      co.sleep(0) -- it waits at the gate
      gate:finish(true) -- it is due
      fiber:cancel()
    end)
    assert.is_true(reached)
    assert.equal(0, begun)
    assert.is_false(scheduler.own():core():busy())
  end)

  it("ends when its start callback raises", function()
    local ok, err = pcall(client.assets.upload, client.assets, { bytes = fixtures.photo() }, nil,
      function() error "not now" end)
    assert.is_false(ok)
    assert.matches("not now", err)
    assert.is_false(scheduler.own():core():busy())
  end)
end)
