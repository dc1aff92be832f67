--- A fault with a wrong field was accepted, and the request that it applied to got a 500 with a
--- traceback, or another response than the configured one.

local emulator = require "novita.emulator"
local helper = require "support.emulator"

local WRONG <const> = {
  ["headers must be a table of names and values, without Content-Length, got "] = {
    { headers = "Retry-After: 1" }, { headers = { ["a b"] = "x" } },
    { headers = { ["X-A"] = "1\r\nX-B: 2" } }, { headers = { [""] = "x" } },
    { headers = { ["Content-Length"] = 3 } } },
  ["status must be an integer from 200 to 599, got "] = { { status = 404.5 }, { status = 600 } },
  ["body must be a string, got "] = { { body = {} }, { body = 5 } },
  ["must be true or false, got "] = { { after = "no" }, { forever = 1 } },
  ["bytes must be an integer >= 1, got 1.5"] = { { kind = "big_body", bytes = 1.5 } },
}

describe("a fault", function()
  for text, faults in pairs(WRONG) do
    it("is rejected when it is added: " .. text, function()
      local service <close> = assert(emulator.start { speed = 0 })
      for _, fault in ipairs(faults) do
        fault.kind = fault.kind or "status"
        fault.status = fault.status or fault.kind == "status" and 503 or nil
        local ok, err = pcall(service.fault, service, fault)
        assert.is_false(ok)
        assert.matches(text, err, 1, true)
      end
      assert.equal(200, helper.api(service, "GET", "/v3/user").status)
    end)
  end

  it("has the requested headers", function()
    local service <close> = assert(emulator.start { speed = 0 })
    service:fault { kind = "status", status = 503, body = "busy", after = false,
      headers = { ["Retry-After"] = 7, ["X-A"] = "a, b" } }
    local response = helper.api(service, "GET", "/v3/user")
    assert.equal(503, response.status)
    assert.equal("7", response.headers["retry-after"])
    assert.equal("a, b", response.headers["x-a"])
  end)
end)

describe("configure", function()
  it("accepts only a table, and raises at the caller's line", function()
    local service <close> = assert(emulator.start { speed = 0 })
    local ok, err = pcall(function() service:configure() end)
    assert.is_false(ok)
    assert.matches("invalid_fault_spec.lua:%d+: "
      .. "the options of the emulator must be a table, got nil", err)
  end)
end)
