--- A training whose status a script had set while it was queued was dropped from the queue: after
--- set_status(id, nil) it stayed in QUEUING forever. A status that is not a string was accepted.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

local function start()
  return assert(emulator.start { speed = 0, queue_seconds = 5, seconds_per_step = 1 })
end

local function status(service, id)
  return helper.status(service, id).json.task_status
end

describe("a training that follows the clock again", function()
  it("has trained meanwhile if its status was not a final one", function()
    local service <close> = start()
    local id = helper.train(service)
    service:set_status(id, "UNKNOWN")
    service:advance(50)
    assert.equal("UNKNOWN", status(service, id))
    service:set_status(id, nil)
    assert.equal("TRAINING", status(service, id))
    service:advance(60)
    assert.equal("SUCCESS", status(service, id))
  end)

  for _, word in ipairs { "FAILED", "CANCELED" } do
    it("starts again if it had left its slot: " .. word, function()
      local service <close> = start()
      local id = helper.train(service)
      service:set_status(id, word)
      service:advance(50)
      assert.equal(word, status(service, id))
      service:set_status(id, nil)
      service:advance(50)
      assert.equal("TRAINING", status(service, id))
      service:advance(110)
      assert.equal("SUCCESS", status(service, id))
    end)
  end

  it("accepts only strings", function()
    local service <close> = start()
    for _, word in ipairs { 5, true } do
      assert.error_matches(function() service:set_status("x", word) end,
        "status must be a string or nil, got " .. tostring(word))
      assert.error_matches(function() service:set_status(word) end,
        "task_id must be a string, got " .. tostring(word))
    end
    assert.is_false(service:set_status("x", "FAILED"))
  end)
end)
