--- A cursor at the largest integer made the emulator respond with 500, and one just below it got a
--- negative next_cursor. A limit could be written in hexadecimal.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

describe("a page of a list", function()
  for _, route in ipairs { "training", "model" } do
    it("is rejected past the largest integer: " .. route, function()
      local service <close> = assert(emulator.start { speed = 0 })
      for _, offset in ipairs { "9223372036854775807", "9223372036854775800",
        "1" .. ("0"):rep(30) } do
        local response = helper.api(service, "GET",
          ("/v3/%s?pagination.limit=10&pagination.cursor=c_%s"):format(route, offset))
        assert.equal(400, response.status, response.body)
        assert.equal("VALIDATOR", response.json.reason)
      end
    end)
  end

  it("is empty far past the last entry", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local response = helper.api(service, "GET", "/v3/training?pagination.cursor=c_4294967296")
    assert.equal(200, response.status)
    assert.same({ tasks = {}, pagination = { next_cursor = "" } }, response.json)
  end)

  it("has a limit in decimal digits", function()
    local service <close> = assert(emulator.start { speed = 0 })
    for _, limit in ipairs { "0x5", "5.0", "1e1", "%205" } do
      local response = helper.api(service, "GET", "/v3/training?pagination.limit=" .. limit)
      assert.equal(400, response.status, limit)
      assert.equal("CODEC", response.json.reason)
    end
  end)
end)
