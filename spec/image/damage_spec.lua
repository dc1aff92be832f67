local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local noise = require "support.noise"

local photo = assert(assert(Canvas.new(20, 15, 3, noise.bytes(900, 3))):resize({ size = 64 }))
local interlaced = files.png({
  width = 20, height = 15, depth = 8, type = 2, interlace = true,
  rows = files.adam7(noise.bytes(900, 3), 20, 15, 3),
})
local whole = {
  jpeg = photo:encode({ format = "jpeg" }),
  progressive = files.read("fixtures/progressive.jpg"),
  png = photo:encode({ format = "png" }),
  interlaced = interlaced,
  webp = photo:encode({ format = "webp" }),
  lossless = photo:encode({ format = "webp", lossless = true }),
}

-- bytes at the end without which the last row is not complete: the end marker, or the last chunk,
-- and one more
local LAST <const> = { jpeg = 3, progressive = 3, png = 13, interlaced = 13 }

local function assert_refused(code, bytes, options, message)
  local prepared, err = image.prepare(bytes, options)
  assert.is_nil(prepared)
  assert.same({ "image", code }, { err.kind, err.code }, err.message)
  assert.is_nil(err.message:find("[\r\n]"))
  if message then
    assert.truthy(err.message:find(message, 1, true), err.message)
  end
  return err.message
end

describe("a truncated file", function()
  for name, bytes in pairs(whole) do
    it("is rejected wherever it is cut: " .. name, function()
      for _, part in ipairs({ 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.97 }) do
        assert_refused("truncated", bytes:sub(1, math.max(2, math.floor(#bytes * part))))
        local p, err = image.decode(bytes:sub(1, math.max(2, math.floor(#bytes * part))))
        assert.is_nil(p)
        assert.equal("truncated", err.code)
      end
      assert_refused("truncated", bytes:sub(1, -1 - (LAST[name] or 1)))
    end)

    it("is rejected even if the crop box needs only its top: " .. name, function()
      assert_refused("truncated", bytes:sub(1, -20),
        { crop = { x = 0, y = 0, width = 4, height = 1 } })
    end)

    it("gives what it has if lenient: " .. name, function()
      local cut = bytes:sub(1, math.floor(#bytes * 0.7))
      local prepared = assert(image.prepare(cut, { lenient = true, format = "png" }))
      assert.is_true(prepared.truncated)
      local entire = assert(image.decode(bytes))
      local got = assert(image.decode(prepared.bytes))
      assert.same({ entire.width, entire.height }, { got.width, got.height })
      if name == "png" or name == "jpeg" then
        local rows = entire.width * 3 * (entire.height // 3)
        assert.is_true(got:bytes():sub(1, rows) == entire:bytes():sub(1, rows))
        assert.is_false(got:bytes() == entire:bytes())
      end
      assert.is_false(assert(image.prepare(bytes, { lenient = true })).truncated)
    end)
  end

  it("is rejected even if only the data after the pixels is cut", function()
    local bytes = files.webp_with_exif(whole.webp, 64, 64, files.exif(6))
    assert_refused("truncated", bytes:sub(1, -6))
    assert.is_true(assert(image.prepare(bytes:sub(1, -6), { lenient = true })).truncated)
  end)

  it("reports the row at which it ends", function()
    local message = assert_refused("truncated", whole.png:sub(1, #whole.png // 2))
    assert.truthy(message:match("^is cut off %(row %d+ of 64%): copy the file again$"), message)
  end)

  it("is never read leniently if its header is cut", function()
    assert_refused("truncated", whole.jpeg:sub(1, 50), { lenient = true })
    assert_refused("truncated", whole.png:sub(1, 20), { lenient = true })
    assert_refused("truncated", whole.webp:sub(1, 14), { lenient = true })
  end)
end)

describe("a damaged file", function()
  it("is rejected: JPEG data overwritten in the middle", function()
    local at = #whole.jpeg // 2
    local bytes = whole.jpeg:sub(1, at) .. ("\xff\xd9"):rep(20) .. whole.jpeg:sub(at + 41)
    assert_refused("corrupt", bytes)
    assert.is_true(assert(image.prepare(bytes, { lenient = true })).truncated)
  end)

  it("is rejected: a PNG with a wrong checksum", function()
    local at = #whole.png // 2
    local flipped = string.char(whole.png:byte(at) ~ 1)
    local bytes = whole.png:sub(1, at - 1) .. flipped .. whole.png:sub(at + 1)
    assert_refused("corrupt", bytes)
    assert.is_true(assert(image.prepare(bytes, { lenient = true })).truncated)
  end)

  it("is rejected: a WebP of noise", function()
    assert_refused("corrupt", whole.webp:sub(1, 16) .. noise.bytes(#whole.webp - 16, 3))
  end)
end)

describe("a file that is not an image", function()
  local cases = {
    { "not_an_image", "", "is empty" },
    { "not_an_image", "hello, world\n", "is text" },
    { "not_an_image", noise.bytes(5000, 4), "is unknown data" },
    { "not_an_image", "\0", "is unknown data" },
    { "not_an_image", "RIFF\0\0\0\0WAVE", "is unknown data" },
    { "not_an_image", "XXXX\0\0\0\0WEBP", "is unknown data" },
    { "unsupported", "\0\0\0\24ftypisom\0\0\0\0", "is a video" },
    { "unsupported", "GIF89a\1\0\1\0", "is a GIF image" },
    { "unsupported", "II*\0\8\0\0\0", "is a TIFF or raw camera image" },
    { "unsupported", "MM\0*\0\0\0\8", "is a TIFF or raw camera image" },
    { "unsupported", "BM\0\0\0\0", "is a BMP image" },
    { "unsupported", "%PDF-1.7\n", "is a PDF document" },
    { "unsupported", "PK\3\4", "is a ZIP archive" },
    { "unsupported", "<!DOCTYPE html>", "is a web page" },
    { "unsupported", "<svg xmlns=''>", "is an SVG drawing" },
  }
  for _, case in ipairs(cases) do
    it("is named: " .. case[3], function()
      assert_refused(case[1], case[2], nil, case[3])
      local probed, err = image.probe(case[2])
      assert.is_nil(probed)
      assert.equal(case[1], err.code)
    end)
  end
end)

describe("limits are checked before data is read:", function()
  local function header_bomb(width, height)
    return files.png({ width = width, height = height, depth = 8, type = 2, rows = { "" } })
  end

  --- The JPEG with another size in its frame header.
  local function jpeg_of(width, height)
    return (whole.jpeg:gsub("(\xff\xc0..\8)....", function(before)
      return before .. string.pack(">I2I2", height, width)
    end, 1))
  end

  it("a header with too many pixels is rejected", function()
    assert_refused("too_large", header_bomb(100000, 100000),
      nil, "has 100000 x 100000 pixels, more than the limit of 268435456")
    if string.packsize "T" == 8 then -- libpng of 32 bits refuses a row that no memory can hold
      assert_refused("too_large", header_bomb(0x7fffffff, 0x7fffffff))
    end
    assert_refused("too_large", header_bomb(1, 0x7fffffff))
    assert_refused("too_large", jpeg_of(65500, 65500))
    local probed, err = image.probe(header_bomb(100000, 100000))
    assert.is_nil(probed)
    assert.equal("too_large", err.code)
  end)

  it("a header with many pixels and little data costs no time", function()
    local before = os.clock()
    assert_refused("corrupt", jpeg_of(16000, 16000), { size = 64 }) -- its end marker comes early
    assert_refused("corrupt", header_bomb(16000, 16000), { size = 64 }) -- so does its data
    assert.is_true(os.clock() - before < 1)
  end)

  it("a size of zero is rejected", function()
    assert_refused("corrupt", header_bomb(0, 5))
    assert_refused("corrupt", jpeg_of(0, 5))
  end)

  it("limits can be set: pixels, bytes, and the result's", function()
    local limits = { pixels = 64 * 64 - 1 }
    assert_refused("too_large", whole.png, { limits = limits })
    assert.truthy(image.prepare(whole.png, { limits = { pixels = 64 * 64 } }))
    assert_refused("too_large", whole.png, { limits = { bytes = #whole.png - 1 } })
    assert.truthy(image.prepare(whole.png, { limits = { bytes = #whole.png } }))
    assert_refused("too_large", whole.png, { size = 101, limits = { output_pixels = 10000 } })
    assert_refused("too_large", whole.png, { limits = { output_bytes = 500 } })
    for _, format in ipairs({ "png", "webp" }) do
      assert_refused("too_large", whole.png, { format = format, limits = { output_bytes = 200 } })
    end
  end)

  it("a file that is too large is not even read", function()
    local path = files.temporary(whole.png)
    local prepared, err = image.prepare({ path = path }, { limits = { bytes = 100 } })
    os.remove(path)
    assert.is_nil(prepared)
    assert.equal("too_large", err.code)
  end)

  it("a progressive JPEG of many scans is rejected", function()
    local bytes = whole.progressive
    local last
    for at in bytes:gmatch("()\xff\xda") do
      last = at
    end
    local scan = bytes:sub(last, -3)
    local bomb = bytes:sub(1, -3) .. scan:rep(200) .. "\xff\xd9"
    assert_refused("too_large", bomb, nil, "has more than 100 scans")
    assert_refused("too_large", bytes, { limits = { scans = 3 } })
  end)

  it("a format that cannot hold the result is an error", function()
    assert_refused("too_large", whole.png, { width = 16384, height = 1, format = "webp" },
      "webp holds at most 16383 pixels a side")
    assert.truthy(image.prepare(whole.png, { width = 16384, height = 1, format = "png" }))
  end)
end)

describe("a file that cannot be read", function()
  local function code_of(path)
    local prepared, err = image.prepare({ path = path })
    assert.is_nil(prepared)
    assert.equal("file", err.kind)
    return err.code
  end

  it("has an error of kind file", function()
    assert.equal("not_found", code_of("/nowhere/at/all.jpg"))
    assert.equal("not_found", code_of("")) -- as the system sees it
    assert.equal("not_a_file", code_of("."))
    assert.equal("not_a_file", code_of("/dev/zero"))
  end)

  it("does not wait for a pipe", function()
    local path = os.tmpname()
    os.remove(path)
    assert(os.execute("mkfifo " .. path))
    local code = code_of(path)
    os.remove(path)
    assert.equal("not_a_file", code)
  end)
end)
