local Canvas = require "novita.image.canvas"
local oracle = require "support.oracle"
local noise = require "support.noise"

local filters = { "lanczos3", "catmull-rom", "mitchell", "area", "box" }

-- Alpha is opaque, so that multiplying by it changes nothing: support/oracle.lua knows
-- only independent channels. alpha_spec.lua tests alpha.
local function source(width, height, channels, seed)
  local bytes = noise.bytes(width * height * channels, seed)
  if channels == 2 or channels == 4 then
    bytes = bytes:gsub(("."):rep(channels), function(pixel)
      return pixel:sub(1, -2) .. "\255"
    end)
  end
  return { width = width, height = height, channels = channels, bytes = bytes }
end

local function compare(from, to_width, to_height, filter, box)
  local before = assert(Canvas.new(from.width, from.height, from.channels, from.bytes))
  local after = assert(before:resize({
    width = to_width, height = to_height, fit = "stretch", filter = filter, crop = box,
  }))
  box = box or { x = 0, y = 0, width = from.width, height = from.height }
  local expected = oracle.resample(from, box, to_width, to_height, filter)
  assert.equal(to_width, after.width)
  assert.equal(to_height, after.height)
  return oracle.distance(after:bytes(), expected)
end

describe("the resampler is within one step of float64 arithmetic", function()
  local sizes = {
    { "down", 61, 47, 23, 17 }, { "down a lot", 211, 97, 3, 2 }, { "up", 7, 5, 31, 29 },
    { "down and up", 40, 9, 11, 33 }, { "nearly equal", 32, 33, 31, 34 },
    { "from one pixel", 1, 1, 5, 4 }, { "to one pixel", 37, 41, 1, 1 },
    { "from a row", 53, 1, 20, 3 }, { "from a column", 1, 53, 3, 20 },
  }

  for _, filter in ipairs(filters) do
    for _, s in ipairs(sizes) do
      it(("%s, %s"):format(filter, s[1]), function()
        for channels = 1, 4 do
          local from = source(s[2], s[3], channels, s[2] * 7 + channels)
          assert.is_true(compare(from, s[4], s[5], filter) <= 1)
        end
      end)
    end

    it(filter .. ", from a box with fractions of pixels", function()
      local from = source(50, 40, 3, 99)
      for _, box in ipairs({
        { x = 3.25, y = 7.6, width = 30.5, height = 20.125 },
        { x = 0, y = 0.4, width = 0.7, height = 39.6 },
        { x = 49.1, y = 20, width = 0.9, height = 3.3 },
      }) do
        assert.is_true(compare(from, 13, 11, filter, box) <= 1)
        assert.is_true(compare(from, 57, 3, filter, box) <= 1)
      end
    end)
  end

  it("lanczos3, on hard edges, where it overshoots", function()
    local cells = {}
    for i = 0, 63 * 63 - 1 do
      cells[i + 1] = ((i % 63 // 5 + i // 63 // 5) % 2 == 0) and "\0" or "\255"
    end
    local from = { width = 63, height = 63, channels = 1, bytes = table.concat(cells) }
    assert.is_true(compare(from, 29, 30, "lanczos3") <= 1)
    assert.is_true(compare(from, 130, 127, "lanczos3") <= 1)
  end)

  it("lanczos3, sixty thousand samples to three", function()
    assert.is_true(compare(source(60000, 1, 1, 5), 3, 1, "lanczos3") <= 1)
    assert.is_true(compare(source(1, 60000, 1, 6), 1, 3, "lanczos3") <= 1)
  end)
end)

describe("the resampler", function()
  it("has the right mean, not only a small maximum error", function()
    local from = source(120, 90, 3, 3)
    local before = assert(Canvas.new(120, 90, 3, from.bytes))
    local after = assert(before:resize({ width = 50, height = 41, fit = "stretch" })):bytes()
    local box = { x = 0, y = 0, width = 120, height = 90 }
    local expected, sum = oracle.resample(from, box, 50, 41, "lanczos3"), 0
    for i = 1, #after do
      sum = sum + (after:byte(i) - expected[i]) ^ 2
    end
    -- rounding to 8 bits alone gives 1/12
    assert.is_true(sum / #after < 0.0875)
  end)

  it("keeps an image of the same size unchanged", function()
    local bytes = noise.bytes(33 * 21 * 3, 4)
    for _, filter in ipairs({ "lanczos3", "catmull-rom", "area", "box" }) do
      local same = assert(Canvas.new(33, 21, 3, bytes))
        :resize({ width = 33, height = 21, filter = filter })
      assert.is_true(same:bytes() == bytes)
    end
  end)

  it("keeps flat areas flat at every level", function()
    for level = 0, 255, 15 do
      local flat = assert(Canvas.new(97, 31, 1, string.char(level):rep(97 * 31)))
      local small = flat:resize({ width = 41, height = 57, fit = "stretch" })
      assert.is_true(small:bytes() == string.char(level):rep(41 * 57))
    end
  end)
end)
