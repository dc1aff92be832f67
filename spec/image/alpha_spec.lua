local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local oracle = require "support.oracle"
local noise = require "support.noise"

local function pixels_of(bytes)
  return assert(image.decode(bytes)):bytes()
end

--- The expected result: colours weighted by their alpha, resampled, composited on the
-- background; all in floats.
local function composite(width, height, rgba, to_width, to_height, background)
  local planes = {}
  for c = 1, 3 do
    planes[c] = {}
  end
  for i = 0, width * height - 1 do
    local a = rgba:byte(i * 4 + 4) / 255
    for c = 1, 3 do
      planes[c][i + 1] = rgba:byte(i * 4 + c) * a + background[c] * (1 - a)
    end
  end
  local box, out = { x = 0, y = 0, width = width, height = height }, {}
  for c = 1, 3 do
    local plane = {}
    function plane.byte(_, at) -- the oracle calls byte() on strings; floats do as well
      return planes[c][at]
    end
    local floats = oracle.resample({ width = width, height = height, channels = 1, bytes = plane },
      box, to_width, to_height, "area")
    for i, v in ipairs(floats) do
      out[(i - 1) * 3 + c] = v
    end
  end
  return out
end

describe("alpha", function()
  it("weights colours, so that invisible ones do not bleed", function()
    -- left half opaque green, right half invisible pure red
    local row = ("\0\255\0\255"):rep(8) .. ("\255\0\0\0"):rep(8)
    local p = assert(Canvas.new(16, 16, 4, row:rep(16)))
    local prepared = assert(image.prepare(p:encode({ format = "png" }), {
      size = 5, format = "png", filter = "area",
    }))
    local bytes = pixels_of(prepared.bytes)
    for i = 0, 24 do
      local r, g, b = bytes:byte(i * 3 + 1, i * 3 + 3)
      assert.equal(255, g)
      assert.equal(r, b) -- between green and white: red only from the background
    end
    local resized = assert(p:resize({ size = 5, filter = "lanczos3" })):bytes()
    for i = 0, 24 do
      local r, g, _, a = resized:byte(i * 4 + 1, i * 4 + 4)
      assert.is_true(a == 0 or (r <= 2 and g >= 253), ("%d %d %d"):format(r, g, a))
    end
  end)

  it("is composited on the chosen background, white by default", function()
    local p = assert(Canvas.new(3, 1, 4, "\10\20\30\255\10\20\30\0\0\0\0\128"))
    for _, format in ipairs({ "png", "webp" }) do
      local file = p:encode({ format = format, lossless = format == "webp" })
      local white = assert(image.prepare(file, { format = "png" }))
      assert.equal("\10\20\30\255\255\255\127\127\127", pixels_of(white.bytes))
      assert.is_true(white.alpha)
      local blue = assert(image.prepare(file, { format = "png", background = "#0000ff" }))
      assert.equal("\10\20\30\0\0\255\0\0\127", pixels_of(blue.bytes))
    end
  end)

  it("of gray images is composited on a colour too", function()
    local p = assert(Canvas.new(2, 1, 2, "\100\255\100\0"))
    local prepared = assert(image.prepare(p:encode({ format = "png" }), {
      format = "png", background = { 1, 2, 3 },
    }))
    assert.equal("\100\100\100\1\2\3", pixels_of(prepared.bytes))
  end)

  it("agrees with float64 arithmetic on noise", function()
    local rgba = noise.bytes(40 * 30 * 4, 17)
    local png = assert(Canvas.new(40, 30, 4, rgba)):encode({ format = "png" })
    local prepared = assert(image.prepare(png, {
      width = 17, height = 13, fit = "stretch", filter = "area", format = "png",
      background = { 30, 200, 120 },
    }))
    local expected = composite(40, 30, rgba, 17, 13, { 30, 200, 120 })
    assert.is_true(oracle.distance(pixels_of(prepared.bytes), expected) <= 1)
  end)

  it("of a resized image agrees with float64 arithmetic on a background", function()
    local rgba = noise.bytes(40 * 30 * 4, 23)
    local small = assert(assert(Canvas.new(40, 30, 4, rgba)):resize({
      width = 17, height = 13, fit = "stretch", filter = "area",
    }))
    local canvas = assert(Canvas.new(17, 13, 3)):fill(0, 0, 17, 13, 255, 255, 255)
    local seen = canvas:paste(small, 0, 0):bytes()
    local expected = composite(40, 30, rgba, 17, 13, { 255, 255, 255 })
    assert.is_true(oracle.distance(seen, expected) <= 2) -- rounded twice
  end)
end)
