-- HEIC and AVIF through libheif: the pixels against the truth, and everything that the file says
-- about them.

local heif = require "support.image.heif"
local files = require "support.files"
local image = require "novita.image"
local psnr = require "support.psnr"

if not heif.complete then
  print "libheif or one of its decoders is not installed: HEIC and AVIF are not tested"
  return
end

local function fixture(name)
  return files.read("fixtures/heif/" .. name)
end

local truth = assert(image.decode(fixture "photo.png"))

local function decoded(bytes, options)
  local found = assert(image.decode(bytes, options))
  return found:bytes(), found
end

local function close_to(least, bytes, expected)
  local got = psnr(bytes, expected)
  assert(got >= least, ("%.1f dB"):format(got))
end

describe("a photo in", function()
  for _, format in ipairs { "heic", "avif" } do
    it(format:upper() .. " is decoded", function()
      local bytes = fixture("photo." .. format)
      local probed = assert(image.probe(bytes))
      assert.same({ format = format, width = 64, height = 64, orientation = 1, channels = 3,
        bits = 8, alpha = false }, probed)
      close_to(36, decoded(bytes), truth:bytes())
      local prepared = assert(image.prepare(bytes, { format = "png", pass_through = true }))
      assert.same({ format, "png", 64, 64, false, 1 }, { prepared.source_format, prepared.format,
        prepared.source_width, prepared.source_height, prepared.passed_through,
        prepared.orientation })
      close_to(36, decoded(prepared.bytes), truth:bytes())
    end)

    it(format:upper() .. " has the colours of 10 bits, rounded", function()
      local bytes = fixture("ramp." .. format)
      assert.equal(10, assert(image.probe(bytes)).bits)
      local expected = {}
      for i = 0, 64 * 64 - 1 do
        local v = (i % 1024 * 255 + 511) // 1023
        expected[i + 1] = string.char(v, v, v)
      end
      assert.is_true(decoded(bytes) == table.concat(expected))
    end)

    it(format:upper() .. " keeps its alpha", function()
      local bytes = fixture("alpha." .. format)
      assert.is_true(assert(image.probe(bytes)).alpha)
      local got, found = decoded(bytes)
      assert.equal(4, found.channels)
      local rgb, alpha, ramp = {}, {}, {}
      for i = 0, 64 * 64 - 1 do
        rgb[i + 1] = got:sub(i * 4 + 1, i * 4 + 3)
        alpha[i + 1], ramp[i + 1] = got:byte(i * 4 + 4), math.min(255, i % 64 * 4)
      end
      close_to(45, alpha, ramp)
      close_to(32, table.concat(rgb), truth:bytes())
      local flat = assert(image.prepare(bytes, { format = "png", background = "#ff0000" }))
      local _, flattened = decoded(flat.bytes)
      assert.equal(3, flattened.channels)
    end)
  end
end)
