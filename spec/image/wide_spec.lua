-- Photos with 16 bits per sample and a profile: converted before they are cut to 8 bits. Cut first,
-- linear light has five shades between black and sRGB's 38, and the shadows show bands. The truth
-- is computed here from the definition of sRGB.

local files = require "support.files"
local icc = require "support.icc"
local image = require "novita.image"
local psnr = require "support.psnr"

local WIDTH <const>, HEIGHT <const> = 64, 16

local function encoded(light)
  local v = light <= 0.0031308 and light * 12.92 or 1.055 * light ^ (1 / 2.4) - 0.055
  return math.min(255, math.max(0, v * 255))
end

-- Light from 0 to 2 %, the shadows of a photo, in another order for each channel.
local function light_of(i, channel)
  local n = WIDTH * HEIGHT
  return (channel == 2 and n - 1 - i or channel == 3 and (i * 37) % n or i) / (n - 1) * 0.02
end

-- `kinds` has a letter for each sample of a pixel: R, G, B, or A for an opaque alpha.
local function bytes_of(kinds)
  local samples = {}
  for i = 0, WIDTH * HEIGHT - 1 do
    for kind in kinds:gmatch "." do
      local channel = ("RGB"):find(kind, 1, true)
      local v = channel and math.floor(light_of(i, channel) * 65535 + 0.5) or 65535
      samples[#samples + 1] = string.pack(">I2", v)
    end
  end
  return table.concat(samples)
end

local function truth_of(kinds)
  local list = {}
  for i = 0, WIDTH * HEIGHT - 1 do
    for kind in kinds:gmatch "[RGB]" do
      list[#list + 1] = encoded(light_of(i, ("RGB"):find(kind, 1, true)))
    end
  end
  return list
end

local types = { R = 0, RGB = 2, RA = 4, RGBA = 6 } -- of PNG

local function png_of(kinds, interlace)
  local bytes, size = bytes_of(kinds), #kinds * 2
  local rows = {}
  for y = 1, HEIGHT do
    rows[y] = bytes:sub((y - 1) * WIDTH * size + 1, y * WIDTH * size)
  end
  return files.png { width = WIDTH, height = HEIGHT, depth = 16, type = types[kinds],
    interlace = interlace, rows = interlace and files.adam7(bytes, WIDTH, HEIGHT, size) or rows }
end

local function gamma_chunk(png)
  return files.png_with(png, files.chunk("gAMA", string.pack(">I4", 100000)))
end

local linear_rgb = icc.rgb(icc.primaries.srgb, 1.0)
local linear_gray = icc.gray(1.0)

-- The samples of the colours, as `decode` and `prepare` give them. Gray may become RGB.
local function colours_of(decoded, kinds)
  local colours = kinds:gsub("A", "")
  local bytes, channels, list = decoded:bytes(), decoded.channels, {}
  for at = 1, #bytes, channels do
    for c = 0, #colours - 1 do
      list[#list + 1] = bytes:byte(at + c)
    end
  end
  return list
end

local function assert_true(png, kinds)
  local truth = truth_of(kinds)
  local facts = assert(image.prepare(png, { format = "png" }))
  assert.equal("converted", facts.profile)
  local prepared <close> = assert(image.decode(facts.bytes))
  local decoded <close> = assert(image.decode(png))
  for name, made in pairs { prepare = prepared, decode = decoded } do
    local dB = psnr(colours_of(made, kinds), truth)
    -- A perfect conversion is 59 dB: only the rounding to 8 bits is left.
    assert(dB > 57, ("%s of %s: %.1f dB"):format(name, kinds, dB))
  end
end

describe("16-bit linear light", function()
  for kinds, profile in pairs { R = linear_gray, RA = linear_gray, RGB = linear_rgb,
    RGBA = linear_rgb } do
    it("with a profile is converted before it is cut to 8 bits: " .. kinds, function()
      assert_true(icc.in_png(png_of(kinds), profile), kinds)
    end)

    it("with a gamma of 1 is, too: " .. kinds, function()
      assert_true(gamma_chunk(png_of(kinds)), kinds)
    end)

    it("is, too, where it is interlaced: " .. kinds, function()
      assert_true(icc.in_png(png_of(kinds, true), profile), kinds)
    end)
  end

  it("is, too, with a profile that is a table", function()
    for _, kinds in ipairs { "RGB", "RGBA" } do
      assert_true(icc.in_png(png_of(kinds), icc.linear_table(icc.primaries.srgb)), kinds)
    end
  end)

  it("keeps an alpha of 16 bits, rounded", function()
    local row = string.pack(">I2I2I2I2", 1000, 1000, 1000, 0x4040)
      .. string.pack(">I2I2I2I2", 1000, 1000, 1000, 0xffff)
    local png = files.png { width = 2, height = 1, depth = 16, type = 6, rows = { row } }
    local decoded <close> = assert(image.decode(icc.in_png(png, linear_rgb)))
    assert.equal(0x40, decoded:bytes():byte(4))
    assert.equal(0xff, decoded:bytes():byte(8))
    local grey = math.floor(encoded(1000 / 65535) + 0.5)
    assert.equal(grey, decoded:bytes():byte(1))
  end)

  it("is resized and turned as any other", function()
    local png = icc.in_png(png_of "RGB", linear_rgb)
    png = files.png_with(png, files.chunk("eXIf", files.exif(6)))
    local facts = assert(image.prepare(png, { width = HEIGHT // 2, height = WIDTH // 2,
      format = "png", filter = "box" }))
    assert.same({ HEIGHT // 2, WIDTH // 2 }, { facts.width, facts.height })
    local small <close> = assert(image.decode(facts.bytes))
    local truth, at = truth_of "RGB", 3 * (HEIGHT // 2 - 1) -- top right is the stored top left
    local mean = 0
    for _, i in ipairs { 0, 1, WIDTH, WIDTH + 1 } do
      mean = mean + truth[i * 3 + 1] / 4
    end
    assert.is_true(math.abs(small:bytes():byte(at + 1) - mean) < 1)
  end)

  it("that is cut off is filled as any other by a lenient decoder", function()
    local png = icc.in_png(png_of("RGBA"), linear_rgb)
    local facts = assert(image.prepare(png:sub(1, #png // 2), { lenient = true, format = "png" }))
    assert.is_true(facts.truncated)
    local _, err = image.prepare(png:sub(1, #png // 2), { format = "png" })
    assert.equal("truncated", err.code)
  end)

  it("needs memory for 16 bits where the image is held whole", function()
    local png = icc.in_png(png_of("RGB", true), linear_rgb)
    local bytes = WIDTH * HEIGHT * 6
    local limits = { memory = bytes - 1 }
    local _, err = image.prepare(png, { format = "png", limits = limits })
    assert.equal("too_large", err.code)
  end)
end)
