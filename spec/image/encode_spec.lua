local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"
local files = require "support.files"
local psnr = require "support.psnr"

--- Smooth shapes, as in photos: lossy formats are made for them.
local function scene(width, height, channels)
  local cells = assert(Canvas.new(6, 5, channels, noise.bytes(30 * channels, 12)))
  return assert(cells:resize({ width = width, height = height, fit = "stretch" }))
end

local function round_trip(p, options)
  return assert(image.decode(assert(p:encode(options)), { channels = p.channels }))
end

describe("encoding and decoding", function()
  for channels = 1, 4 do
    it("as PNG changes nothing: channels " .. channels, function()
      local p = assert(Canvas.new(37, 23, channels, noise.bytes(37 * 23 * channels, channels)))
      for _, effort in ipairs({ 0, 1, 6, 9 }) do
        local back = round_trip(p, { format = "png", effort = effort })
        assert.is_true(back:bytes() == p:bytes())
      end
    end)
  end

  for channels = 3, 4 do
    it("as lossless WebP changes nothing: channels " .. channels, function()
      local p = assert(Canvas.new(37, 23, channels, noise.bytes(37 * 23 * channels, channels)))
      local back = round_trip(p, { format = "webp", lossless = true })
      assert.is_true(back:bytes() == p:bytes())
    end)
  end

  it("as JPEG and WebP is close, and closer with more quality", function()
    local p = scene(90, 70, 3)
    for _, format in ipairs({ "jpeg", "webp" }) do
      local good = psnr(round_trip(p, { format = format, quality = 95 }):bytes(), p:bytes())
      local poor = psnr(round_trip(p, { format = format, quality = 10 }):bytes(), p:bytes())
      assert.is_true(good > 36, format .. " " .. good)
      assert.is_true(poor < good - 5, format .. " " .. poor)
    end
    assert.is_true(psnr(round_trip(scene(90, 70, 1), {}):bytes(), scene(90, 70, 1):bytes()) > 36)
  end)

  it("as JPEG keeps the resolution of colour by default", function()
    -- one-pixel columns of red and blue: gone at 4:2:0
    local p = assert(Canvas.new(32, 32, 3, ("\220\30\30\30\30\220"):rep(512)))
    local full = psnr(round_trip(p, { format = "jpeg" }):bytes(), p:bytes())
    local half = psnr(round_trip(p, { format = "jpeg", chroma = 420 }):bytes(), p:bytes())
    assert.is_true(full > 30, full)
    assert.is_true(half < 15, half)
  end)

  it("composites alpha on the background if the format has no alpha", function()
    local p = assert(Canvas.new(16, 16, 4)) -- transparent
    local back = round_trip(p, { format = "jpeg", background = "#204080" }):bytes()
    assert.is_true(psnr(back:sub(1, 3), "\x20\x40\x80") > 40)
    back = round_trip(assert(Canvas.new(8, 8, 2)), { format = "jpeg" })
    assert.equal(255, back:bytes():byte(1))
  end)
end)

describe("the options of an encoder", function()
  local file <close> = assert(io.open("examples/photos/stream.jpg", "rb"))
  local photo = assert(image.decode(file:read("a")))
  local p = assert(photo:resize({ size = 256 }))

  -- the offset of the first marker of a kind, or nil
  local function marker(jpeg, kind)
    return jpeg:find("\xff" .. string.char(kind), 1, true)
  end

  it("optimize makes a JPEG smaller and changes no pixel", function()
    for _, channels in ipairs({ 1, 3 }) do
      local plain = assert(Canvas.new(64, 64, channels, noise.bytes(64 * 64 * channels)))
      plain = channels == 3 and p or plain
      local usual = plain:encode({ quality = 80 })
      local tight = plain:encode({ quality = 80, optimize = true })
      assert.is_true(#tight < #usual * 0.995, #tight .. " against " .. #usual)
      assert.is_true(image.decode(tight):bytes() == image.decode(usual):bytes())
    end
    local bytes = photo:encode({ quality = 95 })
    for _, planes in ipairs({ true, false }) do
      local usual = assert(image.prepare(bytes, { size = 100, planes = planes })).bytes
      local tight = assert(image.prepare(bytes,
        { size = 100, planes = planes, optimize = true })).bytes
      assert.is_true(#tight < #usual)
      assert.is_true(image.decode(tight):bytes() == image.decode(usual):bytes())
    end
  end)

  it("keep a JPEG baseline, with the requested sampling", function()
    local source = photo:encode({ quality = 95 })
    for _, planes in ipairs({ true, false }) do
      for chroma, sampling in pairs({ [444] = 0x11, [420] = 0x22 }) do
        local jpeg = assert(image.prepare(source,
          { size = 97, chroma = chroma, planes = planes })).bytes
        assert.is_nil(marker(jpeg, 0xc2))
        local frame = assert(marker(jpeg, 0xc0))
        assert.same({ 8, 97, 97, 3, 1, sampling },
          { table.unpack({ string.unpack(">BI2I2BBB", jpeg, frame + 4) }, 1, 6) })
      end
    end
  end)

  it("quality and effort have the documented effect", function()
    local sizes = {}
    for i, quality in ipairs({ 10, 50, 80, 95, 100 }) do
      sizes[i] = #p:encode({ quality = quality })
      assert.is_true(i == 1 or sizes[i] > sizes[i - 1] * 1.2)
    end
    local quick = p:encode({ format = "webp", quality = 90, effort = 0 })
    local slow = p:encode({ format = "webp", quality = 90, effort = 6 })
    assert.is_true(#slow < #quick * 1.1)
    local near = psnr(image.decode(slow):bytes(), p:bytes())
    assert.is_true(near > psnr(image.decode(quick):bytes(), p:bytes()) - 0.2)
    assert.is_true(#p:encode({ format = "png", effort = 9 })
      < #p:encode({ format = "png", effort = 0 }))
  end)

  it("effort of a WebP is 1 from quality 95 on, and 2 below and if it is lossless", function()
    for _, case in ipairs { { 95, false, 1 }, { 94, false, 2 }, { 95, true, 2 } } do
      local options = { format = "webp", quality = case[1], lossless = case[2] }
      local made = p:encode(options)
      for effort = 1, 2 do
        options.effort = effort
        assert.equal(effort == case[3], made == p:encode(options))
      end
    end
  end)

  it("are rejected if the format does not have them", function()
    assert.has_error(function() p:encode({ format = "png", optimize = true }) end,
      'optimize must be false for format "png", got true')
    assert.has_error(function() p:encode({ optimize = 1 }) end)
    assert.has_error(function() image.prepare(p:encode(), { pass_through = "yes" }) end)
    assert.has_error(function() image.prepare(p:encode(), { planes = 0 }) end)
  end)
end)

describe("an encoded image", function()
  local p = scene(64, 48, 3)

  it("is the same bytes every time", function()
    for _, options in ipairs({
      { format = "jpeg" }, { format = "jpeg", chroma = 420 }, { format = "png" },
      { format = "webp" }, { format = "webp", lossless = true },
    }) do
      assert.is_true(p:encode(options) == p:encode(options))
      local file = p:encode({ format = "png" })
      options.size = 40
      assert.is_true(image.prepare(file, options).bytes == image.prepare(file, options).bytes)
    end
  end)

  it("has the requested format, and what a JPEG needs everywhere", function()
    assert.equal("jpeg", image.probe(p:encode()).format)
    assert.equal("png", image.probe(p:encode({ format = "png" })).format)
    assert.equal("webp", image.probe(p:encode({ format = "webp" })).format)
    local jpeg = p:encode()
    assert.equal("\xff\xd8\xff\xe0\0\16JFIF\0", jpeg:sub(1, 11))
    assert.equal("\xff\xd9", jpeg:sub(-2))
  end)

  it("has no EXIF of the source: an upright image must not be rotated again", function()
    local tall = files.jpeg_with_exif(p:encode(), files.exif(6))
    local prepared = assert(image.prepare(tall))
    assert.same({ 48, 64, 6 }, { prepared.width, prepared.height, prepared.orientation })
    local probed = assert(image.probe(prepared.bytes))
    assert.same({ 48, 64, 1 }, { probed.width, probed.height, probed.orientation })
  end)
end)
