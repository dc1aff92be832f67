local co = require "support.coroutines"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local noise = require "support.noise"

local function scene(width, height, channels)
  local cells = assert(Canvas.new(6, 5, channels, noise.bytes(30 * channels, 12)))
  return assert(cells:resize({ width = width, height = height, fit = "stretch" }))
end

local photo = scene(64, 64, 3)
local jpeg, png = photo:encode(), photo:encode({ format = "png" })
local webp = photo:encode({ format = "webp" })

local function assert_passed(bytes, options)
  local prepared = assert(image.prepare(bytes, options))
  assert.is_true(prepared.passed_through)
  assert.is_true(prepared.bytes == bytes)
  return prepared
end

local function assert_made(bytes, options)
  local prepared = assert(image.prepare(bytes, options))
  assert.is_false(prepared.passed_through)
  assert.is_false(prepared.bytes == bytes)
  return prepared
end

describe("a file that already fits", function()
  it("passes through byte for byte, in each format", function()
    for format, bytes in pairs({ jpeg = jpeg, png = png, webp = webp }) do
      local prepared = assert_passed(bytes, { size = 64, format = format })
      assert.same({ 64, 64, format, 64, 64, format, 1, false, false }, {
        prepared.width, prepared.height, prepared.format, prepared.source_width,
        prepared.source_height, prepared.source_format, prepared.orientation, prepared.alpha,
        prepared.truncated,
      })
      assert_passed(bytes, { format = format }) -- the size is kept
    end
  end)

  it("passes through whatever the fit, and with a box around all of it", function()
    for _, fit in ipairs({ "cover", "contain", "stretch", "inside" }) do
      assert_passed(jpeg, { size = 64, fit = fit })
    end
    assert_passed(jpeg, { crop = { x = 0, y = 0, width = 64, height = 64 } })
    assert_passed(scene(30, 20, 3):encode(), { size = 30, fit = "inside" })
  end)

  it("passes through as gray and as a progressive JPEG", function()
    assert_passed(scene(20, 20, 1):encode(), { size = 20 })
    assert_passed(files.read("fixtures/progressive.jpg"), {})
  end)

  it("is encoded again if that is requested", function()
    assert_made(jpeg, { size = 64, pass_through = false })
    assert_made(jpeg, { size = 64, quality = 60 })
    assert_made(jpeg, { size = 64, chroma = 420 })
    assert_made(jpeg, { size = 64, optimize = true })
    assert_made(png, { size = 64, format = "png", effort = 9 })
    assert_made(webp, { size = 64, format = "webp", lossless = true })
    assert_passed(jpeg, { size = 64, quality = 60, pass_through = true })
  end)
end)

describe("a file that does not fit", function()
  it("is never passed through: another size, format or part", function()
    assert_made(jpeg, { size = 63 })
    assert_made(jpeg, { width = 64, height = 63 })
    assert_made(jpeg, { format = "png" })
    assert_made(png, { format = "jpeg" })
    assert_made(jpeg, { size = 64, crop = { x = 0, y = 0, width = 64, height = 63.5 } })
    assert_made(jpeg, { size = 64, crop = { x = 0.5, y = 0, width = 63.5, height = 64 } })
    assert_made(scene(64, 40, 3):encode(), { size = 64, fit = "contain" })
  end)

  it("is never passed through: rotated or mirrored", function()
    for orientation = 2, 8 do
      assert_made(files.jpeg_with_exif(jpeg, files.exif(orientation)), { size = 64 })
    end
  end)

  it("is never passed through: alpha, 16 bits, CMYK, colours that are not Y'CbCr", function()
    assert_made(scene(8, 8, 4):encode({ format = "png" }), { format = "png" })
    assert_made(scene(8, 8, 2):encode({ format = "png" }), { format = "png" })
    assert_made(scene(8, 8, 4):encode({ format = "webp" }), { format = "webp" })
    assert_made(files.png({ width = 1, height = 1, depth = 16, type = 2,
      rows = { "\1\2\3\4\5\6" } }), { format = "png" })
    for _, name in ipairs({ "cmyk_adobe", "cmyk_plain", "ycck_adobe", "rgb" }) do
      assert_made(files.read("fixtures/" .. name .. ".jpg"), {})
    end
  end)

  it("is rejected if it is truncated, although its header fits", function()
    for format, bytes in pairs({ jpeg = jpeg, png = png, webp = webp }) do
      for _, part in ipairs({ 0.3, 0.7, 0.97 }) do
        local cut = bytes:sub(1, math.floor(#bytes * part))
        local made, err = image.prepare(cut, { size = 64, format = format })
        assert.is_nil(made)
        assert.same({ "image", "truncated" }, { err.kind, err.code }, format .. part)
        if format ~= "webp" or part > 0.5 then
          made = assert(image.prepare(cut, { size = 64, format = format, lenient = true }))
          assert.is_true(made.truncated)
          assert.is_false(made.passed_through)
        end
      end
    end
  end)

  it("is rejected if it has more bytes than the result may have", function()
    local made, err = image.prepare(jpeg, { size = 64, limits = { output_bytes = #jpeg - 1 } })
    assert.is_nil(made)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
    assert_passed(jpeg, { size = 64, limits = { output_bytes = #jpeg } })
  end)
end)

describe("an image prepared on a worker", function()
  it("has a size, and is freed by close", function()
    local novita = require "novita"
    local prepare_op = require "novita.image.prepare_op"
    local scheduler = require "novita.async.scheduler"
    co.run(function()
      local prepared = assert(prepare_op.op(jpeg, { size = 32 }, scheduler.own()))
      assert.equal(#prepared:bytes(), prepared:size())
      assert.is_false(prepared:info().passed_through)
      prepared:close()
      prepared:close()
      assert.has_error(function() prepared:bytes() end)
      assert.has_error(function() prepared:size() end)
    end)
    assert.is_true(assert(novita.image.prepare(jpeg, { size = 64 })).passed_through)
  end)
end)
