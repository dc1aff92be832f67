local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"

-- Upright, the image is 48 x 32: red at the top left, green at the top right,
-- blue at the bottom left, white at the bottom right, with a black bar along the top.
local upright = assert(Canvas.new(48, 32, 3))
upright:fill(0, 0, 24, 16, 255, 0, 0):fill(24, 0, 24, 16, 0, 255, 0)
upright:fill(0, 16, 24, 16, 0, 0, 255):fill(24, 16, 24, 16, 255, 255, 255)
upright:fill(0, 0, 30, 4, 0, 0, 0)

local function sample(p, x, y)
  local at = (y * p.width + x) * p.channels
  return p:bytes():sub(at + 1, at + p.channels)
end

-- Where pixel (x, y) of the upright image is stored, from the EXIF standard: the
-- orientation names the sides where row 0 and column 0 of the stored image are displayed.
local stored_at = {
  function(x, y) return x, y end, -- row 0 at the top, column 0 at the left
  function(x, y, w) return w - 1 - x, y end, -- top, right
  function(x, y, w, h) return w - 1 - x, h - 1 - y end, -- bottom, right
  function(x, y, _, h) return x, h - 1 - y end, -- bottom, left
  function(x, y) return y, x end, -- left, top
  function(x, y, w) return y, w - 1 - x end, -- right, top
  function(x, y, w, h) return h - 1 - y, w - 1 - x end, -- right, bottom
  function(x, y, _, h) return h - 1 - y, x end, -- left, bottom
}

local function store(orientation)
  local w, h = upright.width, upright.height
  local sw, sh = w, h
  if orientation >= 5 then
    sw, sh = h, w
  end
  local pixels = {}
  for y = 0, h - 1 do
    for x = 0, w - 1 do
      local sx, sy = stored_at[orientation](x, y, w, h)
      pixels[sy * sw + sx + 1] = sample(upright, x, y)
    end
  end
  return assert(Canvas.new(sw, sh, 3, table.concat(pixels)))
end

local function png_with_exif(stored, tiff, place)
  local png = stored:encode({ format = "png" })
  local chunk = files.chunk("eXIf", tiff)
  if place == "after" then
    return png:sub(1, -13) .. chunk .. png:sub(-12)
  end
  return png:sub(1, 33) .. chunk .. png:sub(34)
end

local function assert_upright(bytes, orientation)
  local probed = assert(image.probe(bytes))
  assert.same({ 48, 32, orientation }, { probed.width, probed.height, probed.orientation })
  local decoded = assert(image.decode(bytes))
  assert.is_true(decoded:bytes() == upright:bytes())
  local prepared = assert(image.prepare(bytes, { format = "png" }))
  assert.same({ 48, 32, 48, 32, orientation }, {
    prepared.width, prepared.height, prepared.source_width, prepared.source_height,
    prepared.orientation,
  })
  assert.is_true(assert(image.decode(prepared.bytes)):bytes() == upright:bytes())
end

local function mean_distance(a, b)
  local sum = 0
  for i = 1, #a do
    sum = sum + math.abs(a:byte(i) - b:byte(i))
  end
  return sum / #a
end

for orientation = 1, 8 do
  describe("EXIF orientation " .. orientation, function()
    local stored = store(orientation)

    it("rotates a PNG upright, chunk before or after the pixels, either byte order", function()
      assert_upright(png_with_exif(stored, files.exif(orientation), "before"), orientation)
      assert_upright(png_with_exif(stored, files.exif(orientation, ">"), "after"), orientation)
    end)

    it("rotates a WebP upright", function()
      local webp = stored:encode({ format = "webp", lossless = true })
      assert_upright(
        files.webp_with_exif(webp, stored.width, stored.height, files.exif(orientation)),
        orientation
      )
      assert_upright(
        files.webp_with_exif(webp, stored.width, stored.height,
          "Exif\0\0" .. files.exif(orientation)),
        orientation
      )
    end)

    it("rotates a JPEG upright", function()
      local jpeg = files.jpeg_with_exif(stored:encode({ quality = 100 }), files.exif(orientation))
      local decoded = assert(image.decode(jpeg))
      assert.same({ 48, 32 }, { decoded.width, decoded.height })
      assert.is_true(mean_distance(decoded:bytes(), upright:bytes()) < 3)
      local prepared = assert(image.prepare(jpeg, { format = "png" }))
      assert.is_true(
        mean_distance(assert(image.decode(prepared.bytes)):bytes(), upright:bytes()) < 3
      )
    end)

    it("applies crop boxes to the image as displayed", function()
      local box = { x = 26, y = 6, width = 16, height = 8 } -- within the green part
      local prepared = assert(image.prepare(
        png_with_exif(stored, files.exif(orientation)), { crop = box, format = "png" }
      ))
      assert.same({ 16, 8 }, { prepared.width, prepared.height })
      assert.is_true(
        assert(image.decode(prepared.bytes)):bytes() == ("\0\255\0"):rep(16 * 8)
      )
    end)

    it("applies the fit to the image as displayed", function()
      local png = png_with_exif(stored, files.exif(orientation))
      for _, options in ipairs({
        { width = 24, height = 24, fit = "cover" }, { width = 30, height = 30, fit = "contain" },
        { width = 20, height = 31, fit = "stretch" }, { width = 21, fit = "inside" },
      }) do
        options.background = "#808080"
        local expected = assert(upright:resize(options))
        options.format = "png"
        local prepared = assert(image.decode(assert(image.prepare(png, options)).bytes))
        assert.equal(expected.width, prepared.width)
        assert.equal(expected.height, prepared.height)
        assert.is_true(mean_distance(prepared:bytes(), expected:bytes()) < 0.2)
      end
    end)
  end)
end

describe("an invalid EXIF block", function()
  local jpeg = upright:encode({})
  local good = files.exif(6)
  local blocks = {
    empty = "", ["too short"] = "II*\0", ["not TIFF"] = ("x"):rep(40),
    ["a directory outside"] = "II*\0\255\255\255\127" .. good:sub(9),
    ["a directory in the header"] = "II*\0\2\0\0\0" .. good:sub(9),
    ["a directory at the last byte"] = string.pack("<c2I2I4", "II", 42, 9) .. "\1\0",
    ["entries that are cut off"] = good:sub(1, 30),
    ["more entries than bytes"] = good:sub(1, 8) .. "\255\255" .. good:sub(11, 22),
    ["orientation 0"] = files.exif(0), ["orientation 9"] = files.exif(9),
    ["a wrong type"] = good:gsub("\x12\x01\3\0", "\x12\1\5\0"),
    ["a wrong count"] = good:gsub("\x12\x01\3\0\1", "\x12\1\3\0\2"),
  }
  for name, block in pairs(blocks) do
    it("leaves the image as it is stored: " .. name, function()
      local probed = assert(image.probe(files.jpeg_with_exif(jpeg, block)))
      assert.same({ 48, 32, 1 }, { probed.width, probed.height, probed.orientation })
    end)
  end
end)
