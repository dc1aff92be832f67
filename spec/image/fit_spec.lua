local image = require "novita.image"
local Canvas = require "novita.image.canvas"

--- 80 x 40: left quarter red, middle half green, right quarter blue.
local wide = assert(Canvas.new(80, 40, 3))
wide:fill(0, 0, 20, 40, 255, 0, 0):fill(20, 0, 40, 40, 0, 255, 0):fill(60, 0, 20, 40, 0, 0, 255)
local file = wide:encode({ format = "png" })

local function prepare(options)
  options.format = options.format or "png"
  options.filter = options.filter or "area"
  local prepared = assert(image.prepare(file, options))
  local p = assert(image.decode(prepared.bytes))
  assert.same({ p.width, p.height }, { prepared.width, prepared.height })
  return p
end

local function at(p, x, y)
  return { p:bytes():byte((y * p.width + x) * 3 + 1, (y * p.width + x) * 3 + 3) }
end

local red, green, blue = { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }

describe("the fit", function()
  it("cover fills the size and crops both ends equally", function()
    local p = prepare({ size = 20 })
    assert.same({ 20, 20 }, { p.width, p.height })
    assert.is_true(p:bytes() == ("\0\255\0"):rep(400))
  end)

  it("cover crops at fractions of a pixel", function()
    local p = prepare({ width = 81, height = 80, filter = "area" })
    assert.same(green, at(p, 40, 40))
    assert.same({ 128, 128, 0 }, at(p, 0, 0)) -- column 19.75 to 20.25: half red, half green
    assert.same({ 0, 128, 128 }, at(p, 80, 0))
  end)

  it("contain keeps the whole image and adds background", function()
    local p = prepare({ size = 40, fit = "contain", background = { 9, 8, 7 } })
    assert.same({ 40, 40 }, { p.width, p.height })
    assert.same({ 9, 8, 7 }, at(p, 20, 9))
    assert.same({ 9, 8, 7 }, at(p, 20, 30))
    assert.same({ red, green, blue }, { at(p, 0, 10), at(p, 20, 20), at(p, 39, 29) })
  end)

  it("inside keeps the whole image, within the size", function()
    local p = prepare({ size = 40, fit = "inside" })
    assert.same({ 40, 20 }, { p.width, p.height })
    assert.same({ red, green, blue }, { at(p, 0, 0), at(p, 20, 10), at(p, 39, 19) })
  end)

  it("stretch fills the size with the whole image", function()
    local p = prepare({ size = 40, fit = "stretch" })
    assert.same({ 40, 40 }, { p.width, p.height })
    assert.same({ red, red, green }, { at(p, 0, 0), at(p, 9, 39), at(p, 10, 20) })
    assert.same(blue, at(p, 30, 0))
  end)

  it("enlarges as well", function()
    local p = prepare({ width = 160, height = 80, filter = "lanczos3" })
    assert.same({ 160, 80 }, { p.width, p.height })
    assert.same({ red, green, blue }, { at(p, 10, 40), at(p, 80, 40), at(p, 150, 40) })
  end)

  it("keeps the size if none is given, and the proportions if one side is", function()
    local p = prepare({})
    assert.is_true(p:bytes() == wide:bytes())
    p = prepare({ width = 33 })
    assert.same({ 33, 17 }, { p.width, p.height }) -- 16.5, rounded
    p = prepare({ height = 10 })
    assert.same({ 20, 10 }, { p.width, p.height })
    p = prepare({ width = 1 })
    assert.same({ 1, 1 }, { p.width, p.height })
  end)
end)

describe("the crop box", function()
  it("is applied before the fit", function()
    local p = prepare({ crop = { x = 0, y = 0, width = 20, height = 40 }, size = 8 })
    assert.is_true(p:bytes() == ("\255\0\0"):rep(64))
  end)

  it("may have fractions of a pixel", function()
    local p = prepare({ crop = { x = 19.75, y = 0, width = 1, height = 1 }, filter = "area" })
    assert.same({ 1, 1 }, { p.width, p.height })
    assert.same({ 64, 191, 0 }, at(p, 0, 0))
  end)

  it("must be inside the image", function()
    for _, box in ipairs({
      { x = 70, y = 0, width = 10.5, height = 10 }, { x = 0, y = 40, width = 1, height = 1 },
      { x = 0, y = 0, width = 81, height = 40 },
    }) do
      local prepared, err = image.prepare(file, { crop = box })
      assert.is_nil(prepared)
      assert.same({ "image", "crop" }, { err.kind, err.code })
      assert.truthy(err.message:find("has 80 x 40 pixels", 1, true))
    end
  end)

  it("may end exactly at the edge of the image", function()
    local third = 80 / 3
    for i = 0, 2 do
      prepare({ crop = { x = i * third, y = 0, width = third, height = 40 }, size = 10 })
    end
  end)
end)
