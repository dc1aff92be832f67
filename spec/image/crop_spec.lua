-- The part of a photo that is used: a word, or a box.

local Canvas = require "novita.image.canvas"
local faces = require "novita.image.faces"
local files = require "support.files"
local image = require "novita.image"
local novita = require "novita"
local refusal = require "support.refusal"

-- Stripes of one colour each: red, green, blue from the top, or from the left.
local function stripes(upright)
  local width, height = upright and 40 or 120, upright and 120 or 40
  local canvas = assert(Canvas.new(width, height, 3))
  for i = 0, 2 do
    local colour = { 0, 0, 0 }
    colour[i + 1] = 255
    canvas:fill(upright and 0 or i * 40, upright and i * 40 or 0, 40, 40, table.unpack(colour))
  end
  return assert(canvas:encode { format = "png" })
end

local function prepared(bytes, options)
  options.format, options.filter = "png", "box"
  local facts = assert(novita.image.prepare(bytes, options))
  local whole <close> = assert(image.decode(facts.bytes, { channels = 3 }))
  return facts, { whole:bytes():byte(1, 3) }
end

describe("crop", function()
  it("top keeps the top of a photo in portrait format", function()
    local facts, first = prepared(stripes(true), { size = 40, crop = "top" })
    assert.same({ 255, 0, 0 }, first)
    assert.same({ x = 0, y = 0, width = 40, height = 40, choice = "top" }, facts.crop)
  end)

  it("top keeps the middle of a photo in landscape format", function()
    local facts, first = prepared(stripes(false), { size = 40, crop = "top" })
    assert.same({ 0, 255, 0 }, first)
    assert.same({ x = 40, y = 0, width = 40, height = 40, choice = "top" }, facts.crop)
  end)

  it("top is the top of the photo as displayed", function()
    local png = stripes(false)
    local lying = png:sub(1, 33) .. files.chunk("eXIf", files.exif(6)) .. png:sub(34)
    local facts, first = prepared(lying, { size = 40, crop = "top" })
    assert.same({ 255, 0, 0 }, first)
    assert.same({ 40, 120 }, { facts.source_width, facts.source_height })
    assert.equal(0, facts.crop.y)
  end)

  it("reports the box that was used", function()
    local facts = prepared(stripes(true), { size = 40 })
    assert.same({ x = 0, y = 40, width = 40, height = 40, choice = "center" }, facts.crop)
    facts = prepared(stripes(true), { size = 40, fit = "contain" })
    assert.same({ x = 0, y = 0, width = 40, height = 120, choice = "center" }, facts.crop)
    facts = prepared(stripes(true), { size = 10, crop = { x = 1, y = 2.5, width = 8, height = 8 } })
    assert.same({ x = 1, y = 2.5, width = 8, height = 8, choice = "box" }, facts.crop)
  end)

  it("may be written as text", function()
    local facts = prepared(stripes(true), { size = 10, crop = "1, 2.5,8,8" })
    assert.same({ x = 1, y = 2.5, width = 8, height = 8, choice = "box" }, facts.crop)
  end)

  it("may come from a function as a word", function()
    local function choose()
      return "top"
    end
    assert.equal("top", prepared(stripes(true), { size = 40, crop = choose }).crop.choice)
  end)

  it("auto is what is there", function()
    local facts = prepared(stripes(true), { size = 40, crop = "auto" })
    assert.equal("center", facts.crop.choice) -- no detector, or no face
    assert.same(not faces.missing() and {} or nil, facts.faces)
  end)

  it("face needs a detector", function()
    local facts, err = novita.image.prepare(stripes(true), { size = 40, crop = "face" })
    if faces.missing() then
      assert.same({ "image", "no_face_detector" }, { err.kind, err.code })
    else
      assert.equal("center", facts.crop.choice)
    end
  end)

  it("refuses other words", function()
    for _, value in ipairs { "left", "1,2,3", "1,2,3,4,5", "a,b,c,d", "" } do
      assert.truthy(refusal(image.prepare, "", { crop = value })
        :find('crop must be "auto", "center", "face", "top", a table', 1, true), value)
    end
    assert.equal("crop.width must be a number of pixels > 0, got 0",
      refusal(image.prepare, "", { crop = "1,2,0,4" }))
  end)

  it("of an image in memory is the centre, the top or a box", function()
    local whole <close> = assert(image.decode(stripes(true)))
    local top <close> = assert(whole:resize { size = 40, crop = "top" })
    assert.same({ 255, 0, 0 }, { top:bytes():byte(1, 3) })
    assert.equal('crop must be "center", "top" or a table { x =, y =, width =, height = }, got '
      .. '"face"', refusal(whole.resize, whole, { size = 40, crop = "face" }))
  end)
end)
