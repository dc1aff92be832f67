--- If only one side is given, the photo keeps its proportions, up to whole pixels. Because of the
--- rounding, "cover" cropped the photo (to a third of 3000 x 2), "inside" made 511 pixels of the
--- requested 512, and "contain" added a line of background.

local image = require "novita.image"
local Canvas = require "novita.image.canvas"

describe("a size with one side", function()
  local function drawn(width, height)
    local p = assert(Canvas.new(width, height, 3))
    p:fill(0, 0, width // 8, height, 250, 0, 0)
    p:fill(width - width // 8, 0, width // 8, height, 0, 0, 250)
    return assert(p:encode { format = "png" })
  end

  local function prepared(source, options)
    options.format, options.filter = "png", "area"
    local made = assert(image.prepare(source, options))
    local p <close> = assert(image.decode(made.bytes, { channels = 3 }))
    local row = p:bytes():sub(1, 3 * made.width)
    return made, { row:byte(1, 3) }, { row:byte(-3, -1) }
  end

  it("crops nothing of a long photo", function()
    local made, left, right = prepared(drawn(3000, 2), { width = 512 })
    assert.same({ 512, 1 }, { made.width, made.height })
    assert.same({ { 250, 0, 0 }, { 0, 0, 250 } }, { left, right })
    made, left, right = prepared(drawn(1000, 124), { height = 3 })
    assert.same({ 24, 3 }, { made.width, made.height })
    assert.same({ { 250, 0, 0 }, { 0, 0, 250 } }, { left, right })
  end)

  it("is the side of the result, whatever the fit, without a frame", function()
    local source = drawn(3000, 1010)
    for _, fit in ipairs { "cover", "inside", "contain", "stretch" } do
      local made, left, right = prepared(source, { width = 512, fit = fit })
      assert.same({ 512, 172 }, { made.width, made.height })
      assert.same({ { 250, 0, 0 }, { 0, 0, 250 } }, { left, right })
    end
  end)

  it("may be left out: a box with fractions is used whole", function()
    local made, left = prepared(drawn(80, 80), {
      crop = { x = 9, y = 0, width = 1.4, height = 7.6 } }) -- the last red column, and more
    assert.same({ 1, 8 }, { made.width, made.height })
    assert.is_true(math.abs(left[1] - 250 / 1.4) <= 1, left[1])
  end)

  it("crops as usual if both sides are given", function()
    local _, left, right = prepared(drawn(3000, 1010), { size = 100 })
    assert.same({ { 0, 0, 0 }, { 0, 0, 0 } }, { left, right })
  end)
end)
