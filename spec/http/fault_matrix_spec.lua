--- Every network fault at every call of the client. docs/faults.md is the table of the results.

local matrix = require "support.fault_matrix"

describe("a network fault", function()
  local result

  setup(function() result = matrix.run() end)

  it("is tested for every call of docs/coverage.md, the PUT and the downloads", function()
    assert.is_true(#matrix.faults >= 22 and #matrix.calls >= 15)
    local json_only = 0
    for _, fault in ipairs(matrix.faults) do
      json_only = json_only + (fault.json_only and 4 or 0) -- the storage's four calls
    end
    assert.equal(#matrix.faults * #matrix.calls - json_only, #result.cells)
  end)

  it("has the expected result in every cell", function()
    assert.same({}, result.flaws)
  end)

  it("hangs nothing", function() assert.equal(0, result.hangs) end)
  it("loses no paid task", function() assert.equal(0, result.lost) end)
  it("repeats no paid request", function() assert.equal(0, result.doubled) end)
  it("sends the key to no other host", function() assert.equal(0, result.leaked) end)
end)
