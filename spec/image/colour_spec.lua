local co = require "support.coroutines"
local files = require "support.files"
local icc = require "support.icc"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"

local colours = { { 200, 100, 50 }, { 30, 180, 90 }, { 60, 60, 220 }, { 128, 128, 128 },
  { 250, 10, 10 }, { 255, 255, 255 }, { 0, 0, 0 }, { 240, 220, 30 } }

local SIDE <const> = 16 -- pixels of a square of one colour

-- a row of squares, one for each colour
local function squares(list)
  local p <close> = assert(Canvas.new(SIDE * #list, SIDE, 3))
  for i, c in ipairs(list) do
    p:fill((i - 1) * SIDE, 0, SIDE, SIDE, c[1], c[2], c[3])
  end
  return {
    png = assert(p:encode { format = "png" }),
    jpeg = assert(p:encode { format = "jpeg", quality = 100 }),
    webp = assert(p:encode { format = "webp", lossless = true }),
  }
end

local drawn = squares(colours)

local function pixel(p, x, y)
  local at = (y * p.width + x) * p.channels
  return { p:bytes():byte(at + 1, at + p.channels) }
end

local function assert_colour(expected, got, tolerance, where)
  for i = 1, #expected do
    if math.abs(expected[i] - got[i]) > tolerance then
      error(("%s: expected %.1f %.1f %.1f, got %d %d %d"):format(where, expected[1],
        expected[2] or 0, expected[3] or 0, got[1], got[2] or 0, got[3] or 0), 2)
    end
  end
end

-- prepared as PNG, at its own size
local function prepared(bytes, options)
  options = options or {}
  options.format = "png"
  local facts = assert(image.prepare(bytes, options))
  return facts, assert(image.decode(facts.bytes, { channels = 3 }))
end

local function assert_squares(bytes, profile, expected, tolerance)
  local facts, p = prepared(bytes)
  assert.equal(profile, facts.profile)
  local decoded = assert(image.decode(bytes))
  for i, colour in ipairs(colours) do
    local x, y = (i - 1) * SIDE + SIDE // 2, SIDE // 2
    local want = expected(colour)
    assert_colour(want, pixel(p, x, y), tolerance, "prepared, square " .. i)
    assert_colour(want, pixel(decoded, x, y), tolerance, "decoded, square " .. i)
  end
end

local function same(colour)
  return colour
end

local p3 = icc.rgb(icc.primaries.p3, "srgb")
local adobe = icc.rgb(icc.primaries.adobe, 2.19921875)

local function in_p3(colour)
  return icc.expected(colour, icc.primaries.p3, "srgb")
end

local function in_adobe(colour)
  return icc.expected(colour, icc.primaries.adobe, 2.19921875)
end

describe("a profile", function()
  it("of Display P3 is converted to sRGB: PNG, JPEG, WebP", function()
    assert_squares(icc.in_png(drawn.png, p3), "converted", in_p3, 1)
    assert_squares(icc.in_jpeg(drawn.jpeg, p3), "converted", in_p3, 3)
    assert_squares(icc.in_webp(drawn.webp, SIDE * #colours, SIDE, p3), "converted", in_p3, 1)
  end)

  it("like Adobe RGB is converted to sRGB", function()
    assert_squares(icc.in_png(drawn.png, adobe), "converted", in_adobe, 1)
    local moved = in_adobe { 30, 180, 90 }
    assert.is_true(math.abs(moved[1] - 30) > 20) -- so that the specs above mean something
  end)

  it("that swaps channels swaps them", function()
    local s = icc.primaries.srgb
    local swapped = icc.rgb({ s[3], s[1], s[2] }, "srgb")
    assert_squares(icc.in_png(drawn.png, swapped), "converted", function(c)
      return { c[2], c[3], c[1] }
    end, 1)
  end)

  it("in several segments is assembled, in whatever order they come", function()
    local whole = icc.in_jpeg(drawn.jpeg, p3, 100)
    assert_squares(whole, "converted", in_p3, 3)
    local part = { "ICC_PROFILE\0\1\2" .. p3:sub(1, 200), "ICC_PROFILE\0\2\2" .. p3:sub(201) }
    local backwards = files.jpeg_with_segment(
      files.jpeg_with_segment(drawn.jpeg, 0xe2, part[1]), 0xe2, part[2])
    assert_squares(backwards, "converted", in_p3, 3)
  end)

  it("is applied to the resized image", function()
    local facts, p = prepared(icc.in_png(drawn.png, p3), { width = 4 * #colours })
    assert.equal("converted", facts.profile)
    for i, colour in ipairs(colours) do
      assert_colour(in_p3(colour), pixel(p, (i - 1) * 4 + 2, 2), 12, "square " .. i)
    end
  end)

  it("is applied even if nothing else must be done", function()
    for format, bytes in pairs {
      jpeg = icc.in_jpeg(drawn.jpeg, p3), png = icc.in_png(drawn.png, p3),
    } do
      local facts = assert(image.prepare(bytes, { format = format }))
      assert.same({ "converted", false }, { facts.profile, facts.passed_through })
      local again = assert(image.prepare(facts.bytes, { format = format }))
      assert.same({ "none", true }, { again.profile, again.passed_through })
      local p = assert(image.decode(facts.bytes))
      assert_colour(in_p3 { 200, 100, 50 }, pixel(p, 8, 8), 4, format)
    end
    local srgb = icc.in_jpeg(drawn.jpeg, icc.rgb(icc.primaries.srgb, "srgb"))
    assert.is_true(assert(image.prepare(srgb)).passed_through)
  end)

  it("is applied to rotated images", function()
    local jpeg = files.jpeg_with_exif(icc.in_jpeg(drawn.jpeg, p3), files.exif(6))
    local facts, p = prepared(jpeg)
    assert.same({ SIDE, SIDE * #colours, "converted" },
      { facts.width, facts.height, facts.profile })
    for i, colour in ipairs(colours) do
      assert_colour(in_p3(colour), pixel(p, SIDE // 2, (i - 1) * SIDE + 8), 3, "square " .. i)
    end
  end)

  it("with alpha affects the image but not the background", function()
    local rgba = ("\200\100\50\255"):rep(64) .. ("\200\100\50\0"):rep(64)
      .. ("\200\100\50\128"):rep(64)
    local png = assert(assert(Canvas.new(64, 3, 4, rgba)):encode { format = "png" })
    local _, p = prepared(icc.in_png(png, p3), { background = { 200, 100, 50 } })
    local want = in_p3 { 200, 100, 50 }
    assert_colour(want, pixel(p, 30, 0), 1, "opaque")
    assert_colour({ 200, 100, 50 }, pixel(p, 30, 1), 0, "transparent")
    local mixed = {}
    for i, v in ipairs { 200, 100, 50 } do
      mixed[i] = (want[i] * 128 + v * 127) / 255
    end
    assert_colour(mixed, pixel(p, 30, 2), 1, "half")
    local decoded = assert(image.decode(icc.in_png(png, p3)))
    assert.equal(4, decoded.channels)
    assert_colour({ want[1], want[2], want[3], 128 }, pixel(decoded, 63, 2), 1, "decoded")
  end)
end)

describe("sRGB", function()
  local table_curve = {}
  for i = 0, 1023 do
    local v = i / 1023
    table_curve[i + 1] = v <= 0.04045 and v / 12.92 or ((v + 0.055) / 1.055) ^ 2.4
  end

  it("is recognised by its primaries and curve, and left unchanged", function()
    for _, c in ipairs { "srgb", table_curve } do
      local png = icc.in_png(drawn.png, icc.rgb(icc.primaries.srgb, c))
      local facts, p = prepared(png)
      assert.equal("srgb", facts.profile)
      assert.is_true(p:bytes() == assert(image.decode(drawn.png)):bytes())
    end
    assert_squares(icc.in_jpeg(drawn.jpeg, icc.rgb(icc.primaries.srgb, "srgb")), "srgb", same, 2)
  end)

  it("is not recognised by its primaries alone, with another curve", function()
    local png = icc.in_png(drawn.png, icc.rgb(icc.primaries.srgb, 1.8))
    assert_squares(png, "converted", function(c)
      return icc.expected(c, icc.primaries.srgb, 1.8)
    end, 1)
  end)

  it("is assumed if there is no profile", function()
    assert_squares(drawn.png, "none", same, 0)
    assert_squares(drawn.jpeg, "none", same, 2)
    assert_squares(drawn.webp, "none", same, 0)
  end)
end)

describe("a gray image", function()
  local ramp = {}
  for i = 0, 255 do
    ramp[i + 1] = string.char(i)
  end
  ramp = table.concat(ramp)
  local png = files.png { width = 256, height = 1, depth = 8, type = 0, rows = { ramp } }

  local function assert_ramp(bytes, gamma)
    local facts, p = prepared(bytes)
    assert.equal("converted", facts.profile)
    local decoded = assert(image.decode(bytes))
    assert.equal(1, decoded.channels)
    for v = 0, 255 do
      local want = icc.expected_gray(v, gamma)
      assert_colour({ want, want, want }, pixel(p, v, 0), 1.1, "gray " .. v)
      assert_colour({ want }, pixel(decoded, v, 0), 1.1, "gray " .. v)
    end
  end

  it("with a gray profile of gamma 1.8 is converted to sRGB", function()
    assert_ramp(icc.in_png(png, icc.gray(1.8)), 1.8)
    assert.is_true(math.abs(icc.expected_gray(100, 1.8) - 100) > 15)
  end)

  it("with an RGB profile is converted as three equal samples", function()
    assert_ramp(icc.in_png(png, icc.rgb(icc.primaries.p3, 1.8)), 1.8)
    assert.equal("srgb", (prepared(icc.in_png(png, p3))).profile) -- P3's grays are sRGB's
  end)

  it("as JPEG, and with alpha, is converted", function()
    local jpeg = icc.in_jpeg(files.read "fixtures/gray.jpg", icc.gray(1.0))
    local facts, p = prepared(jpeg)
    assert.equal("converted", facts.profile)
    local want = icc.expected_gray(160, 1.0)
    assert_colour({ want, want, want }, pixel(p, 8, 18), 4, "third quarter")
    local la = files.png { width = 2, height = 1, depth = 8, type = 4, rows = { "\100\255\100\0" } }
    local _, laid = prepared(icc.in_png(la, icc.gray(1.8)), { background = "#646464" })
    want = icc.expected_gray(100, 1.8)
    assert_colour({ want }, pixel(laid, 0, 0), 1.1, "opaque")
    assert_colour({ 100 }, pixel(laid, 1, 0), 0, "transparent")
  end)
end)

describe("a CMYK image", function()
  local lab = { red = { 55, 70, 40 }, green = { 60, -40, 30 }, blue = { 30, 20, -50 } }
  local profile = icc.cmyk(function(c, m, y, k)
    if k == 1 then
      return 0, 0, 0
    elseif c == 0 and m == 1 and y == 1 then
      return table.unpack(lab.red)
    elseif c == 1 and m == 0 and y == 1 then
      return table.unpack(lab.green)
    elseif c == 1 and m == 1 and y == 0 then
      return table.unpack(lab.blue)
    end
    return 100 - 20 * (c + m + y), 0, 0
  end)
  local places = { red = { 8, 6 }, green = { 24, 6 }, blue = { 8, 18 } }

  for _, name in ipairs { "cmyk_adobe", "cmyk_plain", "ycck_adobe" } do
    it("is converted by its profile: " .. name, function()
      local bytes = icc.in_jpeg(files.read("fixtures/" .. name .. ".jpg"), profile)
      local facts, p = prepared(bytes)
      assert.equal("converted", facts.profile)
      local decoded = assert(image.decode(bytes))
      assert.equal(3, decoded.channels)
      for colour, at in pairs(places) do
        local want = icc.expected_lab(table.unpack(lab[colour]))
        assert_colour(want, pixel(p, at[1], at[2]), 5, colour)
        assert_colour(want, pixel(decoded, at[1], at[2]), 5, colour)
      end
      assert_colour({ 255, 255, 255 }, pixel(p, 24, 18), 2, "paper")
    end)
  end

  it("with a broken profile, or one for RGB, is converted approximately", function()
    for _, wrong in ipairs { "nothing", p3, profile:sub(1, 300) } do
      local bytes = icc.in_jpeg(files.read "fixtures/cmyk_adobe.jpg", wrong)
      local facts, p = prepared(bytes)
      assert.equal("broken", facts.profile)
      assert_colour({ 255, 0, 0 }, pixel(p, 8, 6), 4, "red")
    end
  end)
end)

describe("a broken profile is ignored and reported as broken:", function()
  local missing = "ICC_PROFILE\0\1" .. string.char((#p3 + 199) // 200) .. p3:sub(1, 200)
  local cases = {
    noise = icc.in_png(drawn.png, ("x"):rep(500)),
    ["cut off"] = icc.in_png(drawn.png, p3:sub(1, 400)),
    ["for CMYK"] = icc.in_png(drawn.png, icc.cmyk(function() return 50, 0, 0 end)),
    ["for gray"] = icc.in_png(drawn.png, icc.gray(2.2)),
    ["no zlib stream"] = files.png_with(drawn.png, files.chunk("iCCP", "name\0\0abcdefgh")),
    ["no name"] = files.png_with(drawn.png, files.chunk("iCCP", ("n"):rep(90))),
    ["empty chunk"] = files.png_with(drawn.png, files.chunk("iCCP", "")),
    ["too long"] = icc.in_png(drawn.png, p3 .. ("\0"):rep(5 << 20)),
    ["a link between two devices"] = icc.in_png(drawn.png, "" .. p3:sub(1, 12) .. "link"
      .. p3:sub(17)),
    ["empty WebP chunk"] = icc.in_webp(drawn.webp, SIDE * #colours, SIDE, ""),
    ["a missing segment"] = files.jpeg_with_segment(drawn.jpeg, 0xe2, missing),
    ["a segment twice"] = files.jpeg_with_segment(icc.in_jpeg(drawn.jpeg, p3, 200), 0xe2, missing),
    ["a segment with number 0"] = files.jpeg_with_segment(drawn.jpeg, 0xe2,
      "ICC_PROFILE\0\0\1" .. p3),
    ["no gamma"] = files.png_with(drawn.png, files.chunk("gAMA", "\0\0\0\0")),
    ["primaries on one point"] = files.png_with(drawn.png,
      files.chunk("cHRM", ("\0\0\x7a\x12"):rep(8))),
  }
  for name, bytes in pairs(cases) do
    it(name, function()
      assert_squares(bytes, "broken", same, 2)
    end)
  end
end)

describe("the colour chunks of a PNG:", function()
  local function gama(gamma)
    return files.chunk("gAMA", string.pack(">I4", gamma))
  end

  local function chrm(...)
    return files.chunk("cHRM", string.pack(">I4I4I4I4I4I4I4I4", ...))
  end

  local of_srgb = chrm(31270, 32900, 64000, 33000, 30000, 60000, 15000, 6000)
  local of_p3 = chrm(31270, 32900, 68000, 32000, 26500, 69000, 15000, 6000)
  local srgb = files.chunk("sRGB", "\0")

  local function assert_chunks(chunks, profile, expected)
    assert_squares(files.png_with(drawn.png, chunks), profile, expected, 1)
  end

  it("sRGB, and the numbers that mean the same", function()
    assert_chunks(srgb, "srgb", same)
    assert_chunks(gama(45455), "srgb", same)
    assert_chunks(gama(45455) .. of_srgb, "srgb", same)
    assert_chunks(of_srgb, "srgb", same)
  end)

  it("gAMA is applied", function()
    assert_chunks(gama(100000), "converted", function(c)
      return icc.expected(c, icc.primaries.srgb, 1)
    end)
    assert_chunks(gama(55556), "converted", function(c)
      return icc.expected(c, icc.primaries.srgb, 1.8)
    end)
    local gray = files.png { width = 1, height = 1, depth = 8, type = 0, rows = { "\100" },
      before = gama(100000) }
    local _, p = prepared(gray)
    assert_colour({ icc.expected_gray(100, 1) }, pixel(p, 0, 0), 1.1, "gray")
  end)

  it("cHRM is applied", function()
    assert_chunks(gama(45455) .. of_p3, "converted", in_p3)
    assert_chunks(of_p3, "converted", in_p3)
  end)

  it("cICP is applied", function()
    assert_chunks(files.chunk("cICP", "\12\13\0\1"), "converted", in_p3)
    assert_chunks(files.chunk("cICP", "\1\13\0\1") .. icc.iccp(p3), "srgb", same)
    assert_chunks(files.chunk("cICP", "\9\16\0\1") .. icc.iccp(p3), "converted", in_p3)
  end)

  it("the best of them counts", function()
    assert_chunks(srgb .. gama(100000) .. of_p3, "srgb", same)
    assert_chunks(gama(100000) .. icc.iccp(p3), "converted", in_p3)
  end)

  it("chunks after the pixels are ignored", function()
    local png = drawn.png:sub(1, -13) .. gama(100000) .. drawn.png:sub(-12)
    assert_squares(png, "none", same, 0)
  end)
end)

describe("many images at a time", function()
  it("are converted on workers as they are alone", function()
    local novita = require "novita"
    local png, jpeg = icc.in_png(drawn.png, p3), icc.in_jpeg(drawn.jpeg, adobe)
    local alone = { assert(image.prepare(png)).bytes, assert(image.prepare(jpeg)).bytes }
    local right = 0
    co.run(function()
      local group <close> = co.group { limit = 8 }
      for i = 1, 60 do
        group:spawn(function()
          local facts = assert(novita.image.prepare(i % 2 == 0 and jpeg or png))
          assert.equal("converted", facts.profile)
          right = right + (facts.bytes == alone[i % 2 == 0 and 2 or 1] and 1 or 0)
        end)
      end
    end)
    assert.equal(60, right)
  end)
end)
