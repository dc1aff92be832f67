-- HEIF files that turn, mirror, crop and join their images, and give them profiles, in all
-- combinations that cameras write.

local heif = require "support.image.heif"
local icc = require "support.icc"
local image = require "novita.image"
local psnr = require "support.psnr"

if not heif.complete then
  print "libheif or one of its decoders is not installed: HEIC and AVIF are not tested"
  return
end

local SIDE <const> = 64
local photo = heif.coded("photo.heic")[1]
local av1 = heif.coded("photo.avif")[1]
local plain = assert(image.decode(heif.single(photo)))
local pixels = plain:bytes()

local function at(bytes, width, x, y)
  return bytes:sub((y * width + x) * 3 + 1, (y * width + x) * 3 + 3)
end

-- The pixels of an image of the given size, each taken from the coded one.
local function taken(width, height, from)
  local out = {}
  for y = 0, height - 1 do
    for x = 0, width - 1 do
      out[#out + 1] = at(pixels, SIDE, from(x, y))
    end
  end
  return table.concat(out)
end

local function same(bytes, width, height, expected)
  local probed = assert(image.probe(bytes))
  assert.same({ width, height, 1 }, { probed.width, probed.height, probed.orientation })
  local found = assert(image.decode(bytes))
  assert.same({ width, height }, { found.width, found.height })
  assert.is_true(found:bytes() == expected)
  local prepared = assert(image.prepare(bytes, { format = "png" }))
  assert.is_true(assert(image.decode(prepared.bytes)):bytes() == expected)
end

local LAST <const> = SIDE - 1

describe("an image that its file", function()
  local function left(x, y) -- a quarter counterclockwise
    return LAST - y, x
  end

  it("turns is turned once, whatever else says so", function()
    same(heif.single(photo, { heif.irot(1) }), SIDE, SIDE, taken(SIDE, SIDE, left))
    same(heif.single(photo, { heif.irot(2) }), SIDE, SIDE, taken(SIDE, SIDE, function(x, y)
      return LAST - x, LAST - y
    end))
    same(heif.single(photo, { heif.irot(3) }), SIDE, SIDE, taken(SIDE, SIDE, function(x, y)
      return y, LAST - x
    end))
  end)

  it("mirrors is mirrored", function()
    same(heif.single(photo, { heif.imir(1) }), SIDE, SIDE, taken(SIDE, SIDE, function(x, y)
      return LAST - x, y
    end))
    same(heif.single(photo, { heif.imir(0) }), SIDE, SIDE, taken(SIDE, SIDE, function(x, y)
      return x, LAST - y
    end))
  end)

  it("crops, turns and mirrors goes through this in order", function()
    same(heif.single(photo, { heif.clap(32, 20) }), 32, 20, taken(32, 20, function(x, y)
      return x + 16, y + 22
    end))
    same(heif.single(photo, { heif.clap(32, 20), heif.irot(1), heif.imir(1) }), 20, 32,
      taken(20, 32, function(x, y)
        return 47 - y, 41 - x
      end))
  end)
end)

-- A grid of rows x columns tiles that shows width x height; `change` has other fields of the file.
local function grid(rows, columns, width, height, properties, change)
  local items = { { type = "grid", data = heif.grid(rows, columns, width, height), width = width,
    height = height, properties = properties } }
  local tiles = {}
  for i = 1, rows * columns do
    tiles[i] = i + 1
    items[i + 1] = { type = photo.type, data = photo.data, config = photo.config, width = SIDE,
      height = SIDE, hidden = true }
  end
  local file = { items = items, references = { { type = "dimg", from = 1, to = tiles } } }
  for name, value in pairs(change or {}) do
    file[name] = value
  end
  return heif.file(file)
end

describe("an image of tiles", function()
  local function tiled(x, y)
    return x % SIDE, y % SIDE
  end

  it("is joined, and cut at its size", function()
    same(grid(2, 3, 3 * SIDE, 2 * SIDE), 192, 128, taken(192, 128, tiled))
    same(grid(2, 2, 100, 70), 100, 70, taken(100, 70, tiled))
    same(grid(1, 1, 61, 45), 61, 45, taken(61, 45, tiled))
  end)

  it("is turned as a whole", function()
    same(grid(2, 2, 100, 70, { heif.irot(3) }), 70, 100, taken(70, 100, function(x, y)
      return tiled(y, 69 - x)
    end))
  end)

  it("is rejected if tiles are missing, too many or elsewhere", function()
    for name, references in pairs {
      missing = { { type = "dimg", from = 1, to = { 2, 3, 4 } } },
      ["too many"] = { { type = "dimg", from = 1, to = { 2, 3, 4, 5, 2 } } },
      unknown = { { type = "dimg", from = 1, to = { 2, 3, 4, 9 } } },
      none = {},
    } do
      local found, err = image.decode(grid(2, 2, 128, 128, nil, { references = references }))
      assert.is_nil(found, name)
      assert.equal("corrupt", err.code)
    end
  end)
end)

describe("the colours of a HEIC", function()
  local function converted(properties, primaries, gamma)
    local bytes = heif.single(photo, properties)
    local prepared = assert(image.prepare(bytes, { format = "png" }))
    local found, got, expected = assert(image.decode(prepared.bytes)):bytes(), {}, {}
    for i = 1, #pixels, 15 do -- one pixel of five
      local colour = icc.expected({ pixels:byte(i, i + 2) }, icc.primaries[primaries], gamma)
      for k = 1, 3 do
        expected[#expected + 1] = colour[k]
        got[#got + 1] = found:byte(i + k - 1)
      end
    end
    got = psnr(got, expected)
    assert(got > 48, ("%.1f dB"):format(got))
    return prepared.profile
  end

  it("are converted from its ICC profile", function()
    assert.equal("converted", converted({ heif.icc(icc.rgb(icc.primaries.p3, "srgb")) }, "p3",
      "srgb"))
    assert.equal("converted", converted({ heif.icc(icc.rgb(icc.primaries.adobe, 2.2)) }, "adobe",
      2.2))
  end)

  it("are converted from its code points", function()
    assert.equal("converted", converted({ heif.nclx(12, 13, 6, true) }, "p3", "srgb"))
    assert.equal("converted", converted({ heif.nclx(1, 4, 6, true) }, "srgb", 2.2))
    assert.equal("converted", converted({ heif.nclx(1, 8, 6, true) }, "srgb", 1))
    assert.equal("srgb", converted({ heif.nclx(1, 13, 6, true) }, "srgb", "srgb"))
    assert.equal("none", converted({ heif.nclx(2, 2, 6, true) }, "srgb", "srgb"))
    for _, unknown in ipairs { 10, 99 } do
      assert.equal("broken", converted({ heif.nclx(unknown, 13, 6, true) }, "srgb", "srgb"))
    end
  end)

  it("come from the ICC profile if there are both", function()
    assert.equal("converted", converted({ heif.nclx(1, 8, 6, true),
      heif.icc(icc.rgb(icc.primaries.p3, "srgb")) }, "p3", "srgb"))
    assert.equal("srgb", converted({ heif.icc(icc.rgb(icc.primaries.srgb, "srgb")) }, "srgb",
      "srgb"))
  end)

  it("of tiles are those of the first tile", function()
    local bytes = grid(1, 2, 128, 64, { heif.nclx(12, 13, 6, true) })
    assert.equal("converted", assert(image.prepare(bytes)).profile)
  end)

  it("of linear light keep the shades of 10 bits", function()
    local ramp = heif.coded("ramp.heic")[1]
    local bytes = heif.single(ramp, { heif.nclx(1, 8, 6, true) })
    local got = assert(image.decode(bytes)):bytes()
    for i = 0, 1023 do
      local v = i / 1023
      local encoded = v <= 0.0031308 and v * 12.92 or 1.055 * v ^ (1 / 2.4) - 0.055
      assert.near(255 * encoded, got:byte(i * 3 + 1), 0.6)
    end
  end)

  it("are refused if they are those of HDR", function()
    for _, transfer in ipairs { 16, 18 } do
      local bytes = heif.single(photo, { heif.nclx(9, transfer, 9, true) })
      for _, open in ipairs { image.probe, image.decode, image.prepare } do
        local found, err = open(bytes)
        assert.is_nil(found)
        assert.equal("unsupported", err.code)
        assert.equal("is a HEIC photo with the colours of HDR: export it as JPEG, PNG or WebP",
          err.message)
      end
    end
  end)
end)

describe("an alpha channel", function()
  -- the photo with another one's luma as alpha
  local function with_alpha(alpha, change, references)
    local item = { type = photo.type, data = alpha.data, config = alpha.config,
      width = alpha.width, height = alpha.height, properties = { heif.alpha() }, hidden = true }
    return heif.file {
      items = { { type = photo.type, data = photo.data, config = photo.config, width = SIDE,
        height = SIDE, properties = change }, item },
      references = references or { { type = "auxl", from = 2, to = { 1 } } },
    }
  end
  local own = heif.coded("alpha.heic")[2]

  it("is that of the image", function()
    local found = assert(image.decode(with_alpha(own)))
    assert.equal(4, found.channels)
    local bytes = found:bytes()
    assert.equal(pixels:sub(1, 3), bytes:sub(1, 3))
    for x = 0, LAST do
      assert.near(math.min(255, x * 4), bytes:byte(x * 4 + 4), 6)
    end
  end)

  it("is divided out of colours that were multiplied by it", function()
    local bytes = with_alpha(own, nil, { { type = "auxl", from = 2, to = { 1 } },
      { type = "prem", from = 1, to = { 2 } } })
    local straight, multiplied = image.decode(bytes):bytes(), image.decode(with_alpha(own)):bytes()
    for i = 0, SIDE * SIDE - 1 do
      local alpha = multiplied:byte(i * 4 + 4)
      for k = 1, 3 do
        local v = multiplied:byte(i * 4 + k)
        local expected = alpha == 0 and 0 or math.min(255, v * 255 / alpha)
        assert.near(expected, straight:byte(i * 4 + k), 0.51)
      end
    end
  end)
end)

describe("a file of another program", function()
  it("may have a brand of any codec", function()
    for brands, format in pairs { mif1heic = "heic", mif1avif = "avif", msf1hevc = "heic" } do
      local coded = format == "avif" and av1 or photo
      local bytes = heif.file { brand = brands:sub(1, 4), brands = brands .. "mif1",
        items = { coded } }
      assert.equal(format, assert(image.probe(bytes)).format)
      assert.equal(SIDE, assert(image.decode(bytes)).width)
    end
  end)

  it("may have metadata and thumbnails of several images, as iOS 18 writes them", function()
    local items = { photo, { type = photo.type, data = photo.data, config = photo.config,
      width = SIDE, height = SIDE, hidden = true }, { type = "Exif", data = "\0\0\0\0MM\0*" } }
    same(heif.file { items = items, references = { { type = "cdsc", from = 3, to = { 1, 2 } },
      { type = "thmb", from = 2, to = { 1, 1 } } } }, SIDE, SIDE, pixels)
  end)

  it("may have other images beside the primary one, which counts", function()
    local ramp = heif.coded("ramp.heic")[1]
    same(heif.file { items = { ramp, photo }, primary = 2 }, SIDE, SIDE, pixels)
  end)

  it("with only a sequence is refused", function()
    local bytes = heif.box("ftyp", "hevc\0\0\0\0hevcmif1") .. heif.box("moov", "")
    local found, err = image.probe(bytes)
    assert.is_nil(found)
    assert.equal("is a HEIC photo without a single image: export it as JPEG, PNG or WebP",
      err.message)
  end)
end)
