local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local noise = require "support.noise"

local function decoded(bytes, options)
  local p = assert(image.decode(bytes, options))
  return p:bytes(), p.channels, p
end

--- Packs samples of 'depth' bits into bytes, the first in the highest bits.
local function pack(samples, depth)
  local out, byte, used = {}, 0, 0
  for _, s in ipairs(samples) do
    byte, used = byte << depth | s, used + depth
    if used == 8 then
      out[#out + 1], byte, used = string.char(byte), 0, 0
    end
  end
  if used > 0 then
    out[#out + 1] = string.char(byte << (8 - used))
  end
  return table.concat(out)
end

describe("a PNG", function()
  for _, depth in ipairs({ 1, 2, 4, 8 }) do
    it("of gray with " .. depth .. " bits is scaled to 0 to 255", function()
      local most = (1 << depth) - 1
      local samples = { 0, most, most // 2, 0, most }
      local expected = ""
      for _, s in ipairs(samples) do
        expected = expected .. string.char((s * 255 + most // 2) // most)
      end
      local png = files.png({
        width = 5, height = 2, depth = depth, type = 0,
        rows = { pack(samples, depth), pack(samples, depth) },
      })
      local bytes, channels = decoded(png)
      assert.equal(1, channels)
      assert.equal(expected .. expected, bytes)
      local probed = assert(image.probe(png))
      assert.same({ "png", depth, 1, false },
        { probed.format, probed.bits, probed.channels, probed.alpha })
    end)
  end

  it("of 16 bits is rounded, not truncated", function()
    local row = string.pack(">I2I2I2", 0x00ff, 0x7f80, 0xff00) -- 0.99, 127.0, 254.0 of 255
    local png = files.png({ width = 1, height = 1, depth = 16, type = 2, rows = { row } })
    assert.equal("\1\127\254", (decoded(png)))
    assert.equal(16, assert(image.probe(png)).bits)
  end)

  it("of 16-bit gray + alpha and RGBA keeps both", function()
    local ga = files.png({
      width = 1, height = 1, depth = 16, type = 4, rows = { string.pack(">I2I2", 0x8080, 0x4040) },
    })
    local bytes, channels = decoded(ga)
    assert.same({ "\x80\x40", 2 }, { bytes, channels })
    local rgba = files.png({
      width = 1, height = 1, depth = 16, type = 6,
      rows = { string.pack(">I2I2I2I2", 0x1010, 0x2020, 0x3030, 0x4040) },
    })
    assert.equal("\x10\x20\x30\x40", (decoded(rgba)))
  end)

  for _, depth in ipairs({ 1, 2, 4, 8 }) do
    it("of a palette with " .. depth .. " bits gives its colours", function()
      local png = files.png({
        width = 3, height = 1, depth = depth, type = 3, rows = { pack({ 1, 0, 1 }, depth) },
        before = files.chunk("PLTE", "\10\20\30\200\210\220"),
      })
      assert.equal("\200\210\220\10\20\30\200\210\220", (decoded(png)))
      assert.equal(3, assert(image.probe(png)).channels)
    end)
  end

  it("of a palette with tRNS has the alpha of its entries", function()
    local png = files.png({
      width = 3, height = 1, depth = 8, type = 3, rows = { "\0\1\2" },
      before = files.chunk("PLTE", "\10\20\30\40\50\60\70\80\90") .. files.chunk("tRNS", "\0\128"),
    })
    local bytes, channels = decoded(png)
    assert.equal(4, channels)
    assert.equal("\10\20\30\0\40\50\60\128\70\80\90\255", bytes)
    assert.is_true(assert(image.probe(png)).alpha)
  end)

  it("of gray and of RGB with tRNS makes one colour transparent", function()
    local gray = files.png({
      width = 2, height = 1, depth = 8, type = 0, rows = { "\7\8" },
      before = files.chunk("tRNS", "\0\7"),
    })
    assert.equal("\7\0\8\255", (decoded(gray)))
    local rgb = files.png({
      width = 2, height = 1, depth = 8, type = 2, rows = { "\1\2\3\4\5\6" },
      before = files.chunk("tRNS", "\0\4\0\5\0\6"),
    })
    assert.equal("\1\2\3\255\4\5\6\0", (decoded(rgb)))
  end)

  it("that is interlaced is assembled", function()
    for _, size in ipairs({ { 1, 1 }, { 3, 2 }, { 8, 8 }, { 13, 11 } }) do
      local width, height = size[1], size[2]
      local pixels = noise.bytes(width * height * 3, width)
      local png = files.png({
        width = width, height = height, depth = 8, type = 2, interlace = true,
        rows = files.adam7(pixels, width, height, 3),
      })
      assert.is_true(decoded(png) == pixels)
      local prepared = assert(image.prepare(png, { format = "png" }))
      assert.is_true(decoded(prepared.bytes) == pixels)
    end
  end)

  it("has 8 bits after preparing, and gray stays gray", function()
    local png = files.png({ width = 2, height = 1, depth = 1, type = 0, rows = { "\x40" } })
    local prepared = assert(image.prepare(png, { format = "png", pass_through = false }))
    local probed = assert(image.probe(prepared.bytes))
    assert.same({ 1, 8 }, { probed.channels, probed.bits })
    assert.equal("\0\255", (decoded(prepared.bytes)))
    prepared = assert(image.prepare(png, { format = "webp", lossless = true }))
    assert.equal("\0\0\0\255\255\255", (decoded(prepared.bytes)))
  end)

  it("of gray becomes colour if the background has colour", function()
    local png = files.png({ width = 2, height = 1, depth = 8, type = 0, rows = { "\40\90" } })
    local prepared = assert(image.prepare(png,
      { format = "png", size = 2, fit = "contain", background = "#ff0000" }))
    local bytes, channels = decoded(prepared.bytes)
    assert.equal(3, channels)
    assert.equal("\40\40\40\90\90\90\255\0\0\255\0\0", bytes)
  end)
end)

describe("a JPEG", function()
  local colours = { { 255, 0, 0 }, { 0, 255, 0 }, { 0, 0, 255 }, { 255, 255, 255 } }
  local centres = { { 8, 6 }, { 24, 6 }, { 8, 18 }, { 24, 18 } }

  local function assert_quarters(p, expected)
    for i, at in ipairs(centres) do
      local from = (at[2] * 32 + at[1]) * p.channels
      for c = 1, p.channels do
        local got = p:bytes():byte(from + c)
        assert.is_true(math.abs(got - expected[i][c]) <= 4,
          ("quarter %d, channel %d: %d"):format(i, c, got))
      end
    end
  end

  for _, name in ipairs({
    "rgb", "progressive", "cmyk_adobe", "cmyk_plain", "ycck_adobe", "arithmetic",
  }) do
    it("of the kind " .. name .. " has the right colours", function()
      local bytes = files.read("fixtures/" .. name .. ".jpg")
      local _, channels, p = decoded(bytes)
      assert.same({ 32, 24, 3 }, { p.width, p.height, channels })
      assert_quarters(p, colours)
      local prepared = assert(image.prepare(bytes, { format = "png" }))
      assert_quarters(assert(image.decode(prepared.bytes)), colours)
      local probed = assert(image.probe(bytes))
      assert.same({ "jpeg", 32, 24, 8, false },
        { probed.format, probed.width, probed.height, probed.bits, probed.alpha })
    end)
  end

  it("of gray stays gray, also after preparing", function()
    local bytes = files.read("fixtures/gray.jpg")
    local _, channels, p = decoded(bytes)
    assert.equal(1, channels)
    assert_quarters(p, { { 40 }, { 90 }, { 160 }, { 220 } })
    for _, planes in ipairs({ true, false }) do
      for _, format in ipairs({ "jpeg", "png" }) do
        local prepared = assert(image.prepare(bytes,
          { format = format, planes = planes, pass_through = false }))
        p = assert(image.decode(prepared.bytes))
        assert.equal(1, p.channels)
        assert_quarters(p, { { 40 }, { 90 }, { 160 }, { 220 } })
      end
      p = assert(image.decode(assert(image.prepare(bytes,
        { format = "webp", planes = planes })).bytes))
      assert_quarters(p,
        { { 40, 40, 40 }, { 90, 90, 90 }, { 160, 160, 160 }, { 220, 220, 220 } })
    end
  end)
end)

describe("a WebP", function()
  local pixels = noise.bytes(31 * 17 * 4, 8)

  it("without alpha has three channels, with it four", function()
    local rgba = assert(Canvas.new(31, 17, 4, pixels))
    local webp = rgba:encode({ format = "webp", lossless = true })
    local bytes, channels = decoded(webp)
    assert.equal(4, channels)
    assert.is_true(bytes == pixels)
    local rgb = assert(Canvas.new(31, 17, 3, pixels:sub(1, 31 * 17 * 3)))
    bytes, channels = decoded(rgb:encode({ format = "webp", lossless = true }))
    assert.equal(3, channels)
    assert.is_true(bytes == pixels:sub(1, 31 * 17 * 3))
  end)

  it("that is animated is rejected, and the error says what to do", function()
    local p, err = image.decode(files.read("fixtures/animated.webp"))
    assert.is_nil(p)
    assert.same({ "image", "unsupported" }, { err.kind, err.code })
    assert.equal("is an animated WebP: export one of its images", err.message)
  end)
end)

describe("the channels of a decoded image", function()
  local rgba = "\100\150\200\255" .. "\100\150\200\0" .. "\0\0\0\51"
  local png = assert(Canvas.new(3, 1, 4, rgba)):encode({ format = "png" })

  it("can be chosen", function()
    assert.equal("\100\150\200\255\255\255\204\204\204", (decoded(png, { channels = 3 })))
    assert.equal("\100\150\200\255\0\0\204\0\0",
      (decoded(png, { channels = 3, background = { 255, 0, 0 } })))
    assert.equal("\141\255\204", (decoded(png, { channels = 1 })))
    assert.equal("\141\255\141\0\0\51", (decoded(png, { channels = 2 })))
    local gray = assert(Canvas.new(1, 1, 1, "\9")):encode({ format = "png" })
    assert.equal("\9\9\9\255", (decoded(gray, { channels = 4 })))
  end)
end)

describe("a file", function()
  it("is probed correctly if its header is long or the orientation comes late", function()
    local jpeg = files.jpeg_with_exif(files.read("fixtures/rgb.jpg"), files.exif(6))
    local segment = "\xff\xe2" .. string.pack(">I2", 65000) .. ("x"):rep(64998)
    local long = jpeg:sub(1, 2) .. segment:rep(3) .. jpeg:sub(3)
    local pixels = noise.bytes(300 * 200 * 3, 5)
    local rows = {}
    for y = 0, 199 do
      rows[y + 1] = pixels:sub(y * 900 + 1, y * 900 + 900)
    end
    local png = files.png({
      width = 300, height = 200, depth = 8, type = 2, rows = rows,
      after = files.chunk("eXIf", files.exif(8)),
    })
    for bytes, expected in pairs({ [long] = { 24, 32, 6 }, [png] = { 200, 300, 8 } }) do
      local path = files.temporary(bytes)
      local from_file, from_memory = image.probe({ path = path }), image.probe(bytes)
      os.remove(path)
      assert.same(expected, { from_file.width, from_file.height, from_file.orientation })
      assert.same(from_memory, from_file)
    end
  end)

  it("that is cut in its header is an error for probe too", function()
    local path = files.temporary(files.read("fixtures/rgb.jpg"):sub(1, 100))
    local probed, err = image.probe({ path = path })
    os.remove(path)
    assert.is_nil(probed)
    assert.equal("truncated", err.code)
  end)

  it("is recognised by its bytes, not by its name", function()
    local path = files.temporary(files.read("fixtures/rgb.jpg"))
    os.rename(path, path .. ".png")
    local probed = assert(image.probe({ path = path .. ".png" }))
    local prepared = assert(image.prepare({ path = path .. ".png" }, { size = 8 }))
    os.remove(path .. ".png")
    assert.equal("jpeg", probed.format)
    assert.equal("jpeg", prepared.source_format)
  end)
end)
