--- The short form of `make load`: a thousand trainings for some minutes of the emulator's clock,
--- with 5 % of the polls failing. docs/reliability.md has the results of the long form.

local interpreter = require "support.interpreter"

local TASKS <const>, MINUTES <const>, SPEED <const> = 1000, 3, 20

describe("a thousand trainings under 5 % of faults", function()
  it("all end, with a constant number of descriptors", function()
    local pipe = assert(io.popen(("timeout 500 %s spec/stress/load.lua %d %d %d 2>&1"):format(
      interpreter, TASKS, MINUTES, SPEED)))
    local text = pipe:read "a"
    assert(pipe:close(), text)
    local made, lost, ended, polls =
      text:match "bench load tasks (%d+) lost (%d+) ended (%d+) polls (%d+)"
    assert.equal("0", lost, text)
    assert.equal(made, ended)
    assert.is_true(tonumber(made) >= TASKS)
    assert.is_true(tonumber(polls) >= TASKS)
    local most, last = text:match "descriptors_most (%d+) descriptors_last (%d+)"
    assert.is_true(tonumber(most) < 60 and tonumber(last) <= tonumber(most), text)
  end)
end)
