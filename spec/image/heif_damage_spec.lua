-- HEIF files that are cut off, lie about their size, or want more than the limits.

local heif = require "support.image.heif"
local files = require "support.files"
local image = require "novita.image"

if not heif.complete then
  print "libheif or one of its decoders is not installed: HEIC and AVIF are not tested"
  return
end

local photo = heif.coded("photo.heic")[1]
local av1 = heif.coded("photo.avif")[1]

local function refused(code, bytes, options)
  for _, open in ipairs { image.decode, image.prepare } do
    local found, err = open(bytes, options)
    assert.is_nil(found)
    assert.same({ "image", code }, { err.kind, err.code }, err.message)
    assert.is_nil(err.message:find "%c")
  end
end

describe("a truncated file", function()
  for _, name in ipairs { "photo.heic", "photo.avif", "alpha.heic", "ramp.avif" } do
    it("is rejected wherever it is cut, also if lenient: " .. name, function()
      local bytes = files.read("fixtures/heif/" .. name)
      for size = 20, #bytes - 1, 10 do
        local found, err = image.decode(bytes:sub(1, size), { lenient = size % 20 == 0 })
        assert.is_nil(found)
        assert.equal("truncated", err.code, size)
      end
      refused("truncated", bytes:sub(1, -2))
    end)
  end
end)

-- {====== coded data that says another size ======

local function bits(list) -- pairs of a number and its bits
  local all = {}
  for _, pair in ipairs(list) do
    for k = pair[2] - 1, 0, -1 do
      all[#all + 1] = pair[1] >> k & 1
    end
  end
  local out = {}
  for i = 1, #all, 8 do
    local byte = 0
    for k = 0, 7 do
      byte = byte << 1 | (all[i + k] or 0)
    end
    out[#out + 1] = string.char(byte)
  end
  return table.concat(out)
end

local function golomb(v)
  local size = 0
  while (v + 1) >> (size + 1) > 0 do
    size = size + 1
  end
  return { v + 1, 2 * size + 1 }
end

-- A sequence parameter set of HEVC, as far as its size, with its length before it.
local function sps(width, height)
  local unit = "\x42\1\1" .. ("\x11"):rep(12)
    .. bits { golomb(0), golomb(1), golomb(width), golomb(height), { 1, 2 } }
  return string.pack(">s4", unit)
end

-- A sequence header of AV1, for one image.
local function sequence(width, height)
  local unit = bits { { 3, 5 }, { 8, 5 }, { 15, 4 }, { 15, 4 }, { width - 1, 16 },
    { height - 1, 16 }, { 0, 14 } }
  return "\x0a" .. string.pack("s1", unit)
end

describe("coded data", function()
  it("must have the size that the header says", function()
    for _, coded in ipairs { photo, av1 } do
      assert.truthy(image.decode(heif.single(coded)))
      for _, size in ipairs { { 32, 64 }, { 64, 63 }, { 65, 64 }, { 4096, 4096 } } do
        refused("corrupt", heif.single(coded, nil, { width = size[1], height = size[2] }))
      end
    end
  end)

  it("must not have a second size", function()
    for _, case in ipairs { { photo, sps }, { av1, sequence } } do
      local coded, header = case[1], case[2]
      local function with(width, height)
        return heif.single(coded, nil, { data = header(width, height) .. coded.data })
      end
      assert.truthy(image.probe(with(64, 64)))
      refused("corrupt", with(64, 65))
      refused("corrupt", with(65535, 65535))
      refused("corrupt", with(16384, 16384))
      assert.is_nil(image.probe(with(16384, 16384)))
    end
  end)
end)

-- }======

describe("images made of images", function()
  local function derived(type, data, references, change)
    local items = { { type = type, data = data, width = 64, height = 64 },
      { type = photo.type, data = photo.data, config = photo.config, width = 64, height = 64 } }
    for name, value in pairs(change or {}) do
      items[2][name] = value
    end
    return heif.file { items = items, references = references }
  end
  local one = heif.grid(1, 1, 64, 64)

  it("must be tiles that are coded", function()
    assert.truthy(image.decode(derived("grid", one, { { type = "dimg", from = 1, to = { 2 } } })))
    refused("unsupported", derived("grid", one, { { type = "dimg", from = 1, to = { 1 } } }))
    refused("unsupported", derived("iden", "", { { type = "dimg", from = 1, to = { 2 } } }))
    refused("unsupported", derived("iovl", ("\0"):rep(20),
      { { type = "dimg", from = 1, to = { 2 } } }))
  end)

  it("must not have an endless chain of alpha channels", function()
    refused("unsupported", derived("grid", one, { { type = "dimg", from = 1, to = { 2 } },
      { type = "auxl", from = 2, to = { 2 } } }, { properties = { heif.alpha() } }))
  end)

  it("must not be much larger than the image", function()
    refused("corrupt", derived("grid", heif.grid(1, 1, 64, 64),
      { { type = "dimg", from = 1, to = { 2 } } }, { width = 8192, height = 8192 }))
    local many = {}
    for i = 1, 256 do
      many[i] = 2
    end
    refused("corrupt", derived("grid", heif.grid(16, 16, 64, 64),
      { { type = "dimg", from = 1, to = many } }))
  end)
end)

describe("the limits", function()
  it("count the image as it is coded, before it is cropped", function()
    local bytes = heif.single(photo, { heif.clap(32, 20) })
    assert.truthy(image.decode(bytes, { limits = { pixels = 64 * 64 } }))
    refused("too_large", bytes, { limits = { pixels = 64 * 64 - 1 } })
    local found, err = image.probe(bytes, { limits = { pixels = 1000 } })
    assert.is_nil(found)
    assert.equal("too_large", err.code)
  end)

  it("count the planes that are held", function()
    refused("too_large", heif.single(photo), { limits = { memory = 4096 * 6 } })
    assert.truthy(image.decode(heif.single(photo), { limits = { memory = 4096 * 9 } }))
  end)

  it("count the bytes of the file", function()
    local bytes = heif.single(photo)
    refused("too_large", bytes, { limits = { bytes = #bytes - 1 } })
  end)
end)
