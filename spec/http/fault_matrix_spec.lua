--- Every network fault at every call of the client. docs/faults.md is the table of the results.

local peers = require "support.faults.peers"
local matrix = require "support.fault_matrix"
local network = require "support.network"

local BLOCK <const> = 1 -- seconds; it is a tenth, with a hundred cells at once
local unsanitized_it = os.getenv "NOVITA_SANITIZED" and pending or it -- which is slow

describe("a network fault", function()
  local result

  setup(function() result = matrix.run() end)

  it("is tested for every call of docs/coverage.md, the PUT and the downloads", function()
    assert.is_true(#matrix.faults >= 22 and #matrix.calls >= 15)
    local count = 0
    for _, fault in ipairs(matrix.faults) do
      local calls = #matrix.calls - (fault.json_only and 4 or 0) -- the storage's four calls
      count = count + (matrix.is_possible(fault) and calls or 0)
    end
    assert.equal(count, #result.cells)
  end)

  it("has the expected result in every cell", function()
    assert.same({}, result.flaws)
  end)

  it("hangs nothing", function() assert.equal(0, result.hangs) end)
  it("loses no paid task", function() assert.equal(0, result.lost) end)
  it("repeats no paid request", function() assert.equal(0, result.doubled) end)
  it("sends the key to no other host", function() assert.equal(0, result.leaked) end)

  unsanitized_it("blocks the loop for a moment only", function()
    assert.is_true(result.longest_block < BLOCK, result.longest_block)
  end)

  network.choose(it, pending)("of names has the expected result too", function()
    local output = network.run([[
      local matrix = require "support.fault_matrix"
      local result = matrix.run(function(fault) return fault.network end)
      print(("%d cells, %d bad"):format(#result.cells, result.hangs + result.lost
        + result.doubled + result.leaked), table.concat(result.flaws, "\n"))
    ]], { names = peers.names, seconds = 120 })
    local faults = 0
    for _, fault in ipairs(matrix.faults) do faults = faults + (fault.network and 1 or 0) end
    assert.equal(("%d cells, 0 bad\t\n"):format(faults * #matrix.calls), output)
  end)
end)
