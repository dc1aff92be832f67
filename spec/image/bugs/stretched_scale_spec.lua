--- `scale` shows that a photo was enlarged, and a report warns of it. Only the width counted: a
--- wide photo, stretched to a square, seemed reduced.

local dataset = require "novita.dataset"
local files = require "support.files"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"

describe("the scale of a stretched photo", function()
  local wide = assert(assert(Canvas.new(1000, 100, 3)):encode())

  it("is that of the side which is enlarged more", function()
    local function scale(bytes, options)
      return assert(image.prepare(bytes, options)).scale
    end
    assert.equal(5, scale(wide, { size = 500, fit = "stretch" }))
    local turned = files.jpeg_with_exif(wide, files.exif(6))
    assert.equal(5, scale(turned, { size = 500, fit = "stretch" }))
    assert.equal(0.5, scale(wide, { size = 500, fit = "inside" }))
    assert.equal(2, scale(wide, { size = 200 }))
  end)

  it("is in a report", function()
    local report = assert(dataset { { bytes = wide } }):check(
      { prepare = { size = 500, fit = "stretch" } })
    local codes = {}
    for _, found in ipairs(report.photos[1].problems) do
      codes[found.code] = true
    end
    assert.is_true(codes.too_small)
  end)
end)
