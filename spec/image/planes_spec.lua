-- A JPEG resized in its own Y'CbCr planes must give the same as one resized in RGB. The exact
-- result (support.oracle) is that of the RGB pixels in both cases.
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local noise = require "support.noise"
local oracle = require "support.oracle"
local psnr = require "support.psnr"

local SAMPLINGS = { "444", "422", "420", "440", "411", "410", "420p", "420r" }

local function sampled(name)
  return files.read("fixtures/samp" .. name .. ".jpg")
end

-- the RGB samples of a file prepared with 'options', through 'format'
local function made(bytes, options, planes, format)
  local all = { format = format or "png", planes = planes, pass_through = false }
  for name, value in pairs(options) do
    all[name] = value
  end
  local prepared = assert(image.prepare(bytes, all))
  local p = assert(image.decode(prepared.bytes, { channels = 3 }))
  assert.same({ prepared.width, prepared.height }, { p.width, p.height })
  return p:bytes(), prepared
end

-- libjpeg's interpolated colour samples are themselves only close: the fewer, the less close
local LEAST = { ["411"] = 40, ["410"] = 38 }

local function assert_near(name, options)
  local bytes = sampled(name)
  local got, wanted = made(bytes, options, true), made(bytes, options, false)
  local distance = psnr(got, wanted)
  assert.is_true(distance > (LEAST[name] or 44), name .. ": " .. distance .. " dB")
  if #got > 3000 and name ~= "444" then
    assert.is_true(distance < math.huge, name .. ": the two ways are one")
  end
end

describe("a JPEG in planes", function()
  for _, name in ipairs(SAMPLINGS) do
    it("is close to the exact result: " .. name, function()
      local bytes = sampled(name)
      local source = assert(image.decode(bytes))
      local box = { x = 10.25, y = 5.5, width = 66.6, height = 55.5 }
      local exact = oracle.resample({
        width = 101, height = 75, channels = 3, bytes = source:bytes(),
      }, box, 36, 30, "lanczos3")
      local options = { crop = box, width = 36, height = 30 }
      assert.is_true(psnr(made(bytes, options, false), exact) > 58)
      local distance = psnr(made(bytes, options, true), exact)
      assert.is_true(distance > (LEAST[name] or 46), distance)
    end)

    it("shrinks, grows, keeps its size and has odd sizes as in RGB: " .. name, function()
      for _, size in ipairs({
        { 40, 30 }, { 33, 47 }, { 101, 75 }, { 150, 111 }, { 7, 5 }, { 1, 1 }, { 64, 1 },
      }) do
        assert_near(name, { width = size[1], height = size[2], fit = "stretch" })
        assert_near(name, { width = size[1], height = size[2] })
      end
    end)

    it("is rotated and mirrored as in RGB: " .. name, function()
      local bytes = sampled(name)
      for orientation = 2, 8 do
        local turned = files.jpeg_with_exif(bytes, files.exif(orientation))
        for _, options in ipairs({
          { width = 33, height = 21 }, { width = 30 },
          { size = 21, crop = { x = 3.5, y = 10, width = 40.5, height = 60 } },
        }) do
          local distance = psnr(made(turned, options, true), made(turned, options, false))
          assert.is_true(distance > (LEAST[name] or 44), orientation .. ": " .. distance)
        end
      end
    end)
  end

  it("can grow a lot: rows of one plane wait long for those of another", function()
    local box = { x = 20, y = 11, width = 12, height = 9 }
    for _, name in ipairs({ "444", "420", "440" }) do
      for _, format in ipairs({ "png", "jpeg" }) do
        local options = { crop = box, width = 240, height = 611, fit = "stretch" }
        local got, wanted = made(sampled(name), options, true, format),
          made(sampled(name), options, false)
        assert.is_true(psnr(got, wanted) > 40, name .. format .. psnr(got, wanted))
      end
    end
  end)

  it("with full colour resolution is bit-exact if nothing is resized", function()
    local bytes = sampled("444")
    assert.is_true(made(bytes, {}, true) == assert(image.decode(bytes)):bytes())
    local gray = files.read("fixtures/gray.jpg")
    assert.is_true(made(gray, {}, true) == assert(image.decode(gray, { channels = 3 })):bytes())
  end)

  it("is close to the RGB result in the other formats, at both resolutions of colour", function()
    for _, name in ipairs({ "444", "420", "422" }) do
      for _, size in ipairs({ { 64, 48 }, { 37, 27 }, { 17, 16 }, { 16, 17 }, { 1, 1 } }) do
        for _, how in ipairs({
          { "jpeg", 444 }, { "jpeg", 420 }, { "webp" }, { "webp", nil, true },
        }) do
          local options = { width = size[1], height = size[2], chroma = how[2], quality = 98,
            lossless = how[3], fit = "stretch" }
          local bytes = sampled(name)
          local exact = made(bytes, { width = size[1], height = size[2], fit = "stretch" }, false)
          local rgb = psnr(made(bytes, options, false, how[1]), exact)
          local planes = psnr(made(bytes, options, true, how[1]), exact)
          assert.is_true(planes > math.min(rgb - 1.5, 44), ("%s %s %dx%d: %.1f against %.1f dB")
            :format(how[1], how[2], size[1], size[2], planes, rgb))
        end
      end
    end
  end)

  it("keeps black, white and full colours in every format", function()
    local colours = { "\0\0\0", "\255\255\255", "\254\0\0", "\0\0\254", "\0\255\1", "\16\16\16" }
    for _, colour in ipairs(colours) do
      local bytes = assert(Canvas.new(32, 32, 3, colour:rep(1024))):encode({ quality = 100 })
      for _, format in ipairs({ "png", "jpeg", "webp" }) do
        local got = made(bytes, { size = 16 }, true, format)
        for i = 1, 3 do
          local off = math.abs(got:byte(300 + i) - colour:byte(i))
          assert.is_true(off <= 4, ("%s: %d off"):format(format, off))
        end
      end
    end
  end)

  it("is processed in RGB if there is a frame, or CMYK to convert", function()
    local options = { size = 40, fit = "contain", background = "#ff0000" }
    local bytes = sampled("420")
    assert.is_true(made(bytes, options, true) == made(bytes, options, false))
    bytes = files.read("fixtures/cmyk_adobe.jpg")
    assert.is_true(made(bytes, { size = 10 }, true) == made(bytes, { size = 10 }, false))
  end)

  it("is rejected if it is truncated, below the box as well", function()
    for _, name in ipairs(SAMPLINGS) do
      local bytes = sampled(name)
      for _, options in ipairs({ { size = 20 },
        { size = 9, crop = { x = 0, y = 0, width = 9, height = 9 } } }) do
        for _, part in ipairs({ 0.6, 0.8, 0.99 }) do
          local result, err = image.prepare(bytes:sub(1, math.floor(#bytes * part)), options)
          assert.is_nil(result)
          assert.same({ "image", "truncated" }, { err.kind, err.code })
          local row = tonumber(err.message:match "row (%d+) of 75")
          assert.is_true(row and row <= 75, err.message)
        end
      end
    end
  end)
end)

describe("a JPEG reduced to a quarter and less", function()
  -- 8 x 8 pixels of the source become one of the result: half, quarter and eighth decoding
  local small = assert(Canvas.new(10, 8, 3, noise.bytes(240, 3)))
  local large = assert(small:resize({ width = 320, height = 240 })):encode({ quality = 97 })

  it("is decoded smaller, with its box at the same position", function()
    for _, width in ipairs({ 80, 75, 40, 35, 20, 17 }) do
      for _, box in ipairs({
        { x = 0, y = 0, width = 320, height = 240 },
        { x = 13.3, y = 7.7, width = 300, height = 225 },
      }) do
        local height = width * 3 // 4
        local options = { crop = box, width = width, height = height, fit = "stretch" }
        local source = assert(image.decode(large))
        local exact = oracle.resample({
          width = 320, height = 240, channels = 3, bytes = source:bytes(),
        }, box, width, height, "lanczos3")
        for _, planes in ipairs({ true, false }) do
          local distance = psnr(made(large, options, planes), exact)
          assert.is_true(distance > 45, width .. ": " .. distance)
        end
        source:close()
      end
    end
  end)

  it("is still reported at full size, and a truncation at its own rows", function()
    local _, prepared = made(large, { width = 20 }, true)
    assert.same({ 320, 240 }, { prepared.source_width, prepared.source_height })
    local result, err = image.prepare(large:sub(1, #large // 2), { width = 20 })
    assert.is_nil(result)
    local row = tonumber(err.message:match "row (%d+) of 240")
    assert.is_true(row > 50 and row < 200, err.message)
  end)

  it("is decoded at full size if the result is not smaller than a quarter", function()
    local options = { width = 81, height = 61, fit = "stretch" }
    local source = assert(image.decode(large))
    local exact = oracle.resample({
      width = 320, height = 240, channels = 3, bytes = source:bytes(),
    }, { x = 0, y = 0, width = 320, height = 240 }, 81, 61, "lanczos3")
    assert.is_true(psnr(made(large, options, false), exact) > 56)
  end)
end)
