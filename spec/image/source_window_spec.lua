-- Only a part of a file is in memory at a time. An image from a file and from a string must give
-- the same bits and the same errors.
local files = require "support.files"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"

local PIECE = 65536 -- bytes read at first

local function assert_same(bytes, options)
  local path = files.temporary(bytes)
  options.limits = { seconds = 86400 } -- a busy machine must not make a difference
  local expected, why = image.prepare(bytes, options)
  local got, err = image.prepare({ path = path }, options)
  os.remove(path)
  assert.same(why and { why.code, why.message }, err and { err.code, err.message })
  assert.equal(expected and #expected.bytes, got and #got.bytes)
  assert.is_true((expected and expected.bytes) == (got and got.bytes))
  assert.same(expected and expected.truncated, got and got.truncated)
  return got, err
end

--- Comment segments with at least that many bytes.
local function comments(n)
  local segment = "\xff\xfe" .. string.pack(">s2", noise.bytes(60000)):gsub("^..",
    string.pack(">I2", 60002))
  return segment:rep(n // 60000 + 1)
end

--- A JPEG with 'more' before each scan.
local function stretch(jpeg, more)
  return (jpeg:gsub("\xff\xda", function(mark) return more .. mark end))
end

local function encode(width, height, channels, options)
  return Canvas.new(width, height, channels, noise.bytes(width * height * channels, 5))
    :encode(options)
end

local big = encode(700, 500, 3, { quality = 95 })
local restarts = files.read("fixtures/samp420r.jpg")

describe("a file with more bytes than are in memory at a time", function()
  it("gives the same as a string: a baseline JPEG, in planes and in RGB", function()
    assert.is_true(#big > 4 * PIECE)
    for _, planes in ipairs { true, false } do
      local made = assert_same(big, { size = 100, planes = planes })
      assert.is_false(made.passed_through)
      assert_same(big, { size = 64, planes = planes, crop = { x = 9, y = 400, width = 90,
        height = 90 } })
    end
  end)

  it("gives the same if its header is longer than that", function()
    for _, name in ipairs { "samp420", "samp420r", "progressive", "gray", "cmyk_adobe",
      "arithmetic" } do
      local bytes = files.read("fixtures/" .. name .. ".jpg")
      for _, n in ipairs { 0, PIECE, 5 * PIECE } do
        for _, planes in ipairs { true, false } do
          assert(assert_same(stretch(bytes, comments(n)), { format = "png", planes = planes }))
        end
      end
    end
  end)

  it("gives the same if it is damaged or truncated, strict and lenient", function()
    for part = 1, 12 do
      local cut = big:sub(1, #big * part // 13)
      local broken = cut .. ("\xff\xc0"):rep(8) .. big:sub(#cut + 17)
      for _, lenient in ipairs { true, false } do
        assert_same(cut, { size = 50, lenient = lenient })
        assert_same(broken, { size = 50, lenient = lenient })
        assert_same(stretch(restarts, comments(PIECE)):sub(1, -part * 9 - 1),
          { size = 50, lenient = lenient })
        assert_same(stretch(files.read("fixtures/progressive.jpg"), comments(PIECE)):sub(1,
          part * PIECE // 2), { size = 50, lenient = lenient })
      end
    end
  end)

  it("is passed through complete", function()
    for _, format in ipairs { "jpeg", "png", "webp" } do
      local bytes = encode(700, 500, 3, { format = format })
      assert.is_true(#bytes > PIECE)
      local made = assert_same(bytes, { format = format })
      assert.is_true(made.passed_through and made.bytes == bytes)
    end
  end)

  it("gives the same as PNG and WebP", function()
    assert(assert_same(encode(300, 200, 4, { format = "png" }), { size = 50 }))
    assert(assert_same(encode(300, 200, 4, { format = "webp" }), { size = 50 }))
  end)

  it("is probed from its start, as far as the header goes", function()
    local path = files.temporary(stretch(big, comments(3 * PIECE)):sub(1, 4 * PIECE + 30000))
    local facts = assert(image.probe({ path = path }))
    os.remove(path)
    assert.same({ 700, 500, "jpeg" }, { facts.width, facts.height, facts.format })
  end)
end)

it("a file of no bytes, and of a few", function()
  for _, bytes in ipairs { "", "\xff", "\xff\xd8\xff", big:sub(1, 20) } do
    local made = assert_same(bytes, {})
    assert.is_nil(made)
  end
end)
