--- With seconds_per_step = math.huge the poll that started a training got a 500, and its slot
--- stayed free for the next one. With speed = math.huge every response was a 500.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

describe("a training that never ends", function()
  it("trains, without an ETA, and keeps its slot", function()
    local service <close> = assert(emulator.start { speed = 0, slots = 1,
      seconds_per_step = math.huge })
    local first, second = helper.train(service), helper.train(service)
    service:advance(1e6)
    local response = helper.status(service, first)
    assert.equal(200, response.status, response.body)
    assert.equal("TRAINING", response.json.task_status)
    assert.same({ progress_percent = 0 }, response.json.extra)
    assert.equal("QUEUING", helper.status(service, second).json.task_status)
  end)
end)

describe("the emulator's clock", function()
  it("stops at the end of the calendar, and links are still signed", function()
    for _, options in ipairs { { speed = math.huge }, { speed = 0 } } do
      local service <close> = assert(emulator.start(options))
      service:advance(1e300)
      assert.equal(253402300799, service:now())
      helper.upload(service, helper.photo(1))
    end
  end)
end)
