local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local refusal = require "support.refusal"

local function png(...)
  return assert(assert(Canvas.new(...)):encode { format = "png" })
end

describe("an image", function()
  it("has fields for its size, and its samples", function()
    local p = assert(image.decode(png(1, 2, 2, "abcd")))
    assert.same({ 1, 2, 2, "abcd" }, { p.width, p.height, p.channels, p:bytes() })
    local small = assert(p:resize { width = 3, fit = "stretch" })
    assert.same({ 3, 6, 2 }, { small.width, small.height, small.channels })
  end)

  it("prints as one line", function()
    for channels, text in ipairs { "gray", "gray and alpha", "RGB", "RGBA" } do
      local p = assert(image.decode(png(4, 3, channels)))
      assert.equal(("novita.Image (4 x 3, %s)"):format(text), tostring(p))
      assert.equal("novita.Image", getmetatable(p).__name)
    end
  end)

  it("has no methods for drawing", function()
    local p = assert(image.decode(png(1, 1)))
    assert.is_nil(p.text or p.fill or p.paste)
    assert.is_nil(image.new or image.kernels)
  end)

  it("cannot be used after close, and a second close does nothing", function()
    local kept
    do
      local p <close> = assert(image.decode(png(3, 3)))
      kept = p
    end
    kept:close()
    assert.equal("novita.Image (closed)", tostring(kept))
    assert.equal(3, kept.width)
    for _, method in ipairs { "bytes", "resize", "encode" } do
      assert.equal("the image is closed", refusal(kept[method], kept))
    end
  end)

  it("is rejected if it would be too large", function()
    local p, err = assert(image.decode(png(4, 4))):resize { size = 60000 }
    assert.is_nil(p)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
  end)
end)

describe("wrong use raises, naming the field, the value and the allowed ones:", function()
  local p = Canvas.new(2, 2)
  local cases = {
    { { width = 0 }, "width must be an integer from 1 to 65500, got 0" },
    { { width = 1.5 }, "width must be an integer from 1 to 65500, got 1.5" },
    { { height = "9" }, 'height must be an integer from 1 to 65500, got "9"' },
    { { size = -1 }, "size must be an integer from 1 to 65500, got -1" },
    { { quality = 101 }, "quality must be an integer from 1 to 100, got 101" },
    { { chroma = 422 }, "chroma must be 444 or 420, got 422" },
    { { format = "gif" }, 'format must be "jpeg", "png" or "webp", got "gif"' },
    { { fit = 3 }, 'fit must be "cover", "contain", "stretch" or "inside", got 3' },
    { { lenient = 1 }, "lenient must be true or false, got 1" },
    { { background = "#12345" },
      'background must be "#rrggbb" or three integers from 0 to 255, got "#12345"' },
    { { crop = { x = -1 } }, "crop.x must be a number of pixels >= 0, got -1" },
    { { crop = { x = 0, y = 0, width = 0 } },
      "crop.width must be a number of pixels > 0, got 0" },
    { { limits = { scans = 0 } }, "limits.scans must be an integer from 1 to 100000, got 0" },
    { { lossless = true }, 'lossless must be false for format "jpeg", got true' },
    { { format = "webp", effort = 7 },
      'effort must be an integer from 0 to 6 for format "webp", got 7' },
  }
  for _, case in ipairs(cases) do
    it(case[2], function()
      local ok, message = pcall(function() image.prepare("", case[1]) end)
      assert.is_false(ok)
      local line, text = message:match("image_spec%.lua:(%d+): (.*)$")
      assert.truthy(line, message)
      assert.equal(case[2], text)
    end)
  end

  it("a field that does not exist", function()
    assert.error_matches(function() image.prepare("", { widht = 5 }) end,
      "widht is not an option of prepare: did you mean width%?")
    assert.error_matches(function() p:resize({ quality = 5 }) end,
      "quality is not an option of resize: the options are size, width")
    assert.error_matches(function() p:encode({ width = 5 }) end,
      "width is not an option of encode: the options are format")
    assert.error_matches(function() image.decode("", { limits = { x = 1 } }) end,
      "limits%.x is not an option of limits: the options are bytes")
  end)

  it("options of probe, decode, resize and encode, at the caller's line", function()
    local bytes = png(2, 2)
    assert.equal("lenient must be true or false, got 1",
      refusal(image.probe, bytes, { lenient = 1 }))
    assert.equal("channels must be an integer from 1 to 4, got 5",
      refusal(image.decode, bytes, { channels = 5 }))
    assert.equal("the options of decode must be a table, got 5", refusal(image.decode, bytes, 5))
    assert.equal('fit must be "cover", "contain", "stretch" or "inside", got "crop"',
      refusal(p.resize, p, { fit = "crop" }))
    assert.equal("quality must be an integer from 1 to 100, got 0",
      refusal(p.encode, p, { quality = 0 }))
  end)

  it("a source that is not one", function()
    for _, call in ipairs { image.probe, image.prepare, image.decode } do
      for value, text in pairs { [5] = "5", [{}] = "a table", [{ bytes = 5 }] = "a table" } do
        assert.truthy(refusal(call, value):find("the source must be a string of bytes, or a table "
          .. "with 'path' or 'bytes' as a string, got " .. text))
      end
      assert.equal("path must not contain a NUL byte", refusal(call, { path = "a\0b" }))
    end
  end)

  it("prepare takes a loop, checked as a client's", function()
    assert.truthy(refusal(image.prepare, png(2, 2), { loop = 5 }):find "^loop must be ")
  end)
end)
