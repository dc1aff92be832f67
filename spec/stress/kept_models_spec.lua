--- The short form of `make kept-models`: a few models under 5 % of faults, and two kills.

local interpreter = require "support.interpreter"

describe("models that are kept under 5 % of faults", function()
  it("are all whole, and nothing is fetched twice after a kill", function()
    local pipe = assert(io.popen(("timeout 300 %s spec/stress/kept_models.lua 8 2 2>&1"):format(
      interpreter)))
    local text = pipe:read "a"
    assert(pipe:close(), text)
    assert.matches("jobs 8 whole 8 fetched_again 0 doubled 0 kills 2", text)
  end)
end)
