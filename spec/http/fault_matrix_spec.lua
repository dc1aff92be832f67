--- Every trouble of a network at every call of the client. The table of what came of it is
--- docs/faults.md.

local matrix = require "support.fault_matrix"

describe("a network in trouble", function()
  local result

  setup(function() result = matrix.run() end)

  it("meets every call of docs/coverage.md, the PUT and the downloads", function()
    assert.is_true(#matrix.troubles >= 22 and #matrix.calls >= 15)
    local json_only = 0
    for _, trouble in ipairs(matrix.troubles) do
      json_only = json_only + (trouble.json_only and 4 or 0) -- the storage's four calls
    end
    assert.equal(#matrix.troubles * #matrix.calls - json_only, #result.cells)
  end)

  it("comes in every cell to what it has to", function()
    assert.same({}, result.flaws)
  end)

  it("hangs nothing", function() assert.equal(0, result.hangs) end)
  it("doubles no paid call", function() assert.equal(0, result.doubled) end)
  it("sends the key nowhere else", function() assert.equal(0, result.leaked) end)
end)
