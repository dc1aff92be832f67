--- Files as phones and cameras write them: not quite as the standards say, and complete.

local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local noise = require "support.noise"
local psnr = require "support.psnr"

-- Smooth, so that a JPEG of it is close to it.
local function scene(width, height)
  local small = assert(Canvas.new(12, 9, 3, noise.bytes(12 * 9 * 3, 7)))
  return assert(small:resize { width = width, height = height, fit = "stretch" })
end

local truth = scene(96, 64)

local function pixels(bytes, options)
  local all = { format = "png", pass_through = false }
  for name, value in pairs(options or {}) do
    all[name] = value
  end
  local made = assert(image.prepare(bytes, all))
  assert.is_false(made.truncated)
  return assert(image.decode(made.bytes, { channels = 3 })):bytes(), made
end

-- Both decoders of a JPEG: the planes by the fast one, rows by libjpeg.
local function assert_near(bytes, least, wanted)
  wanted = wanted or truth:bytes()
  for _, got in ipairs { pixels(bytes), pixels(bytes, { planes = false }),
    assert(image.decode(bytes, { channels = 3 })):bytes() } do
    local distance = psnr(got, wanted)
    assert.is_true(distance > least, distance .. " dB")
  end
end

describe("a baseline JPEG whose scan has the range 0 0 0", function()
  -- after the table of components: first and last coefficient, bits
  local function with_zeros(jpeg)
    local at = assert(jpeg:find("\xff\xda", 1, true))
    local last = at + 1 + string.unpack(">I2", jpeg, at + 2)
    assert.equal("\0\63\0", jpeg:sub(last - 2, last))
    return jpeg:sub(1, last - 3) .. "\0\0\0" .. jpeg:sub(last + 1)
  end

  for _, chroma in ipairs { 444, 420 } do
    it("is read as any other: " .. chroma, function()
      local plain = assert(truth:encode { chroma = chroma })
      assert_near(with_zeros(plain), 34)
      assert.is_true(pixels(with_zeros(plain)) == pixels(plain))
    end)
  end
end)

describe("an EXIF orientation", function()
  local function exif(order, kind, value)
    local entry = string.pack(order .. "I2I2I4" .. (kind == 4 and "I4" or "I2I2"), 0x0112, kind, 1,
      value, 0)
    return string.pack(order .. "c2I2I4I2", order == "<" and "II" or "MM", 42, 8, 1)
      .. entry:sub(1, 12) .. "\0\0\0\0"
  end

  it("may be a LONG, in either byte order", function()
    local jpeg = assert(truth:encode())
    for _, order in ipairs { "<", ">" } do
      local turned = files.jpeg_with_exif(jpeg, exif(order, 4, 6))
      assert.equal(6, assert(image.probe(turned)).orientation)
      assert.is_true(pixels(turned) == pixels(files.jpeg_with_exif(jpeg, files.exif(6))))
      -- turned back, it is the scene
      local upright = assert(image.prepare(turned, { format = "png" }))
      assert.same({ 64, 96 }, { upright.width, upright.height })
    end
  end)

  it("that is out of range, or of another type, is ignored", function()
    local jpeg = assert(truth:encode())
    for _, case in ipairs { { 4, 9 }, { 4, 0 }, { 4, 0x10006 }, { 1, 6 }, { 9, 6 } } do
      local odd = files.jpeg_with_exif(jpeg, exif("<", case[1], case[2]))
      assert.equal(1, assert(image.probe(odd)).orientation)
    end
  end)
end)

describe("a CMYK JPEG without Adobe's marker", function()
  it("is inverted, as browsers read it", function()
    local marked = files.read "fixtures/cmyk_adobe.jpg"
    local at = assert(marked:find("\xff\xee", 1, true))
    local plain = marked:sub(1, at - 1) .. marked:sub(at + 2 + string.unpack(">I2", marked, at + 2))
    assert.is_nil(plain:find("Adobe", 1, true))
    local rows = { ("\255\0\0"):rep(16) .. ("\0\255\0"):rep(16),
      ("\0\0\255"):rep(16) .. ("\255\255\255"):rep(16) }
    assert_near(plain, 38, rows[1]:rep(12) .. rows[2]:rep(12))
  end)
end)

describe("a centred crop that resizes nothing", function()
  local function part(p, left, top, width, height)
    local rows, bytes = {}, p:bytes()
    for y = top, top + height - 1 do
      local from = (y * p.width + left) * 3
      rows[#rows + 1] = bytes:sub(from + 1, from + width * 3)
    end
    return table.concat(rows)
  end

  local function assert_part(width, height, left, top)
    local p = assert(Canvas.new(width, height, 3, noise.bytes(width * height * 3, 5)))
    local got = pixels(assert(p:encode { format = "png" }), { size = 64 })
    assert.is_true(got == part(p, left, top, 64, 64))
  end

  it("takes whole pixels", function()
    assert_part(85, 64, 10, 0) -- not from 10.5
    assert_part(64, 91, 0, 13)
    assert_part(86, 64, 11, 0)
  end)

  it("takes whole pixels of an upright JPEG too", function()
    local wide = scene(171, 128)
    local jpeg = assert(wide:encode { quality = 100 })
    local distance = psnr(pixels(jpeg, { size = 128 }), part(wide, 21, 0, 128, 128))
    assert.is_true(distance > 45, distance .. " dB")
  end)

  it("leaves an explicit box where it is", function()
    local p = assert(Canvas.new(4, 1, 1, "\0\100\200\100"))
    local got = pixels(assert(p:encode { format = "png" }),
      { crop = { x = 0.5, y = 0, width = 2, height = 1 }, filter = "area" })
    assert.same({ 50, 150 }, { got:byte(1), got:byte(4) })
  end)
end)

describe("an image whose last row is there is complete:", function()
  local ZEROS <const> = ("\0"):rep(5000)
  -- what phones and cameras put after the end: here with markers that a JPEG may have
  local FILM <const> = "\0\0\0\24ftypmp42 secret \255\192\0\17\8 \255\218\0\8 \255\196\0\4 \255\217"
    .. noise.bytes(3000, 9)

  -- Its pixels are those of the whole file, for each way of reading it, and near the truth. What
  -- was after them is not uploaded.
  local function assert_complete(bytes, whole, what)
    for _, how in ipairs { {}, { planes = false }, { size = 24 }, { lenient = true } } do
      local got, made = pixels(bytes, how)
      assert.is_true(got == pixels(whole, how), what)
      assert.is_false(made.truncated, what)
    end
    local decoded = assert(image.decode(bytes, { channels = 3 })):bytes()
    assert.is_true(decoded == assert(image.decode(whole, { channels = 3 })):bytes(), what)
    local distance = psnr(decoded, truth:bytes())
    assert.is_true(distance > 34, ("%s: %s dB"):format(what, distance))
    local sent = assert(image.prepare(bytes, { format = assert(image.probe(bytes)).format }))
    assert.is_nil(sent.bytes:find("secret", 1, true), what)
    assert.is_false(assert(image.prepare(sent.bytes, { lenient = true })).truncated, what)
    assert.is_true(assert(image.prepare(sent.bytes)).passed_through == (sent.format == "jpeg"))
  end

  local jpegs = {
    ["444"] = assert(truth:encode()),
    ["420"] = assert(truth:encode { chroma = 420 }),
    optimized = assert(truth:encode { optimize = true }),

  }


  for name, jpeg in pairs(jpegs) do
    local codes = jpeg:sub(1, -3)
    local endings = { ["nothing"] = "", ["half a marker"] = "\255", ["zeros"] = ZEROS,
      ["a film"] = FILM, ["a marker and zeros"] = "\255\217" .. ZEROS,
      ["a marker and a film"] = "\255\217" .. FILM, ["zeros and a marker"] = "\0\0\255\217" }
    for what, ending in pairs(endings) do
      it(("a JPEG, %s, that ends with %s"):format(name, what), function()
        assert_complete(codes .. ending, jpeg, what)
      end)
    end

    it(("but not a JPEG, %s, that misses its last byte, or was never written"):format(name),
      function()
        for _, missing in ipairs { 1, 2, 3, 50, #codes // 2 } do
          for _, ending in ipairs { "", "\255", ZEROS:rep(100) } do
            if missing > 3 or ending ~= ZEROS:rep(100) then
              local bytes = codes:sub(1, -1 - missing) .. ending
              for _, planes in ipairs { true, false } do
                local made, err = image.prepare(bytes, { planes = planes })
                assert.is_nil(made, missing .. " bytes and " .. #ending)
                assert.equal("image", err.kind)
              end
              assert.is_true(assert(image.prepare(bytes, { lenient = true })).truncated)
            end
          end
        end
      end)
  end

  it("a progressive JPEG without its end marker", function()
    local whole = files.read "fixtures/progressive.jpg"
    for _, ending in ipairs { "", "\255" } do
      local bytes = whole:sub(1, -3) .. ending
      assert.is_true(pixels(bytes) == pixels(whole))
      assert.is_true(assert(image.decode(bytes)):bytes() == assert(image.decode(whole)):bytes())
    end
    -- but not without its last byte, its last scan, or filled up with zeros
    local last
    for at in whole:gmatch "()\255\218" do last = at end
    for _, bytes in ipairs { whole:sub(1, -4), whole:sub(1, last - 1),
      whole:sub(1, -20) .. ZEROS } do
      local made, err = image.prepare(bytes)
      assert.is_nil(made)
      assert.equal("truncated", err.code)
    end
  end)

  it("a PNG without IEND, without its checksum, or with other bytes after its pixels", function()
    local whole = assert(truth:encode { format = "png" })
    local codes = whole:sub(1, -13)
    for what, bytes in pairs { ["no IEND"] = codes, ["half of it"] = whole:sub(1, -7),
      ["no checksum"] = whole:sub(1, -5), ["a wrong one"] = whole:sub(1, -5) .. "abcd",
      ["zeros"] = codes .. ZEROS, ["a film"] = codes .. FILM, ["IEND, film"] = whole .. FILM } do
      assert_complete(bytes, whole, what)
    end
    for _, bytes in ipairs { whole:sub(1, -14), codes:sub(1, -2) .. ZEROS } do
      assert.is_nil((image.prepare(bytes)))
    end
  end)
end)
