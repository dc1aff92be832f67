-- PNG with effort 1 is written by our own encoder. libpng reads the result back, and it is compared
-- with zlib's levels.
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"

local function scene(width, height, channels)
  local cells = assert(Canvas.new(6, 5, channels, noise.bytes(30 * channels, 12)))
  return assert(cells:resize({ width = width, height = height, fit = "stretch" }))
end

local function assert_same(p, what)
  local file = assert(p:encode({ format = "png", effort = 1 }))
  local back = assert(image.decode(file))
  assert.same({ p.width, p.height, p.channels },
    { back.width, back.height, back.channels }, what)
  assert.is_true(back:bytes() == p:bytes(), what)
  return #file
end

describe("PNG with effort 1", function()
  for channels = 1, 4 do
    it("is read back unchanged: noise and scenes, channels " .. channels, function()
      for _, size in ipairs({
        { 1, 1 }, { 2, 1 }, { 1, 2 }, { 3, 5 }, { 63, 2 }, { 64, 2 }, { 65, 2 }, { 21, 13 },
        { 257, 131 }, { 1, 3000 }, { 3000, 1 }, { 400, 300 },
      }) do
        local width, height = size[1], size[2]
        local what = width .. " x " .. height
        local bytes = noise.bytes(width * height * channels, width)
        assert_same(assert(Canvas.new(width, height, channels, bytes)), what)
        assert_same(scene(width, height, channels), what)
      end
    end)

    it("is read back unchanged: rows longer than a block, channels " .. channels, function()
      assert_same(scene(65500, 3, channels))
      assert_same(assert(Canvas.new(65500, 2, channels)))
    end)
  end

  it("is read back unchanged: blocks that end with the image", function()
    -- rows of 257 bytes with the filter's: 255 of them are exactly a block of 65535
    for _, height in ipairs({ 254, 255, 256, 509, 510, 511 }) do
      assert_same(scene(256, height, 1), height)
      assert_same(assert(Canvas.new(256, height, 1, noise.bytes(256 * height))), height)
    end
  end)

  it("is read back unchanged: runs of every length", function()
    local parts = {}
    for run = 1, 600 do
      parts[run] = string.char(run * 37 % 251):rep(run)
    end
    local bytes = table.concat(parts)
    assert_same(assert(Canvas.new(600 * 601 // 2 // 150, 150, 1, bytes)))
    for _, value in ipairs({ "\0", "\1", "\255" }) do
      for _, side in ipairs({ 1, 4, 5, 17, 260, 1000 }) do
        assert_same(assert(Canvas.new(side, side, 1, value:rep(side * side))), side)
      end
    end
  end)

  it("is read back unchanged: few and rare values, with long codes", function()
    local parts, n = {}, 1
    for value = 0, 20 do -- each twice as often as the one before: unlimited codes of 20 bits
      parts[#parts + 1] = (string.char(value * 11) .. "\255"):rep(n // 2 + 1)
      n = math.min(n * 2, 30000)
    end
    local bytes = table.concat(parts)
    bytes = bytes:sub(1, #bytes // 300 * 300)
    assert_same(assert(Canvas.new(300, #bytes // 300, 1, bytes)))
  end)

  it("hardly grows if nothing can be compressed", function()
    local size = assert_same(assert(Canvas.new(500, 500, 3, noise.bytes(750000, 5))))
    assert.is_true(size < 750000 + 500 + 1000, size)
  end)

  it("is small: flat images, and scenes compared with zlib's best", function()
    assert.is_true(assert_same(assert(Canvas.new(1000, 1000, 3))) < 20000)
    local p = scene(512, 512, 3)
    local fast = #assert(p:encode({ format = "png", effort = 1 }))
    assert.is_true(fast < 512 * 512 * 3 / 3, fast)
    local file <close> = assert(io.open("examples/photos/nuthatch.jpg", "rb"))
    p = assert(image.decode(file:read("a")))
    fast = #assert(p:encode({ format = "png" }))
    local best = #assert(p:encode({ format = "png", effort = 6 }))
    assert.is_true(fast < best * 1.15, ("%d against %d"):format(fast, best))
  end)

  it("is rejected if it would exceed the limit", function()
    local source = scene(64, 64, 3):encode({ format = "webp", lossless = true })
    local made, err = image.prepare(source, { format = "png", limits = { output_bytes = 1000 } })
    assert.is_nil(made)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
  end)
end)
