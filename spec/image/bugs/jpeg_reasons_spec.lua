--- The errors of two kinds of JPEG were no help: one with too many coefficients "needs 10 MB of
--- memory, more than the limit of 10 MB"; one whose colours have two thirds of its resolution is
--- "damaged", although only libjpeg cannot convert it to rows.

local files = require "support.files"
local image = require "novita.image"

describe("the reason why a JPEG is refused", function()
  it("says how much memory it would take", function()
    local progressive = files.read "fixtures/progressive.jpg"
    local at = progressive:find("\xff\xc2", 1, true) -- its header now says 4000 x 4000
    local large = progressive:sub(1, at + 4) .. string.pack(">I2I2", 4000, 4000)
      .. progressive:sub(at + 9)
    local _, err = image.prepare(large, { size = 64, limits = { memory = 10000000 } })
    local least, most = err.message:match
      "^needs (%d+) MB of memory, more than the limit of (%d+) MB"
    assert.equal("10", most, err.message)
    assert.is_true(tonumber(least) >= 48, err.message)
    assert.truthy(image.prepare(large, { lenient = true, size = 64,
      limits = { memory = tonumber(least) * 1100000 } }))
  end)

  it("calls uneven sampling rare, not damaged", function()
    local jpeg = files.read "fixtures/samp444.jpg"
    local at = jpeg:find("\xff\xc0", 1, true)
    local uneven = jpeg:sub(1, at + 10) .. "\x31" .. jpeg:sub(at + 12, at + 13) .. "\x21"
      .. jpeg:sub(at + 15)
    local decoded, err = image.decode(uneven)
    assert.is_nil(decoded)
    assert.same({ "unsupported" }, { err.code }, err.message)
  end)
end)
