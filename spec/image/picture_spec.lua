local picture = require "novita.image.picture"

local function at(p, x, y)
  local from = (y * p:width() + x) * p:channels()
  return { p:bytes():byte(from + 1, from + p:channels()) }
end

--- The image as lines, with '#' for every pixel that is not black.
local function drawing(p)
  local lines = {}
  for y = 0, p:height() - 1 do
    local line = {}
    for x = 0, p:width() - 1 do
      line[#line + 1] = at(p, x, y)[1] > 0 and "#" or "."
    end
    lines[#lines + 1] = table.concat(line)
  end
  return lines
end

describe("an image", function()
  it("starts black, or with the given samples", function()
    local p = assert(picture.new(2, 2))
    assert.same({ 2, 2, 3 }, { p:width(), p:height(), p:channels() })
    assert.equal(("\0"):rep(12), p:bytes())
    assert.equal("abcd", assert(picture.new(1, 2, 2, "abcd")):bytes())
  end)

  it("fills rectangles, clipped to the image", function()
    local p = assert(picture.new(4, 3, 1))
    assert.equal(p, p:fill(-5, 1, 7, 1, 255, 255, 255))
    assert.same({ "....", "##..", "...." }, drawing(p))
    p:fill(3, -1, 100, 100, 255, 255, 255)
    p:fill(0, 0, 0, 5, 255, 255, 255):fill(0, 0, -3, 2, 9, 9, 9)
    assert.same({ "...#", "##.#", "...#" }, drawing(p))
    p:fill(1000000, 1000000, 5, 5, 255, 255, 255)
    assert.same({ "...#", "##.#", "...#" }, drawing(p))
  end)

  it("fills gray with the colour's brightness, and alpha with opaque", function()
    assert.same({ 76 }, at(picture.new(1, 1, 1):fill(0, 0, 1, 1, 255, 0, 0), 0, 0))
    assert.same({ 150, 255 }, at(picture.new(1, 1, 2):fill(0, 0, 1, 1, 0, 255, 0), 0, 0))
    assert.same({ 1, 2, 3, 255 }, at(picture.new(1, 1, 4):fill(0, 0, 1, 1, 1, 2, 3), 0, 0))
  end)

  it("pastes another image, clipped at its edges", function()
    local stamp = assert(picture.new(3, 3, 1)):fill(0, 0, 3, 3, 255, 255, 255)
    assert.same({ "##..", "##..", "...." }, drawing(picture.new(4, 3, 3):paste(stamp, -1, -1)))
    assert.same({ "....", "....", "...#" }, drawing(picture.new(4, 3, 3):paste(stamp, 3, 2)))
    assert.same({ "....", "....", "...." }, drawing(picture.new(4, 3, 3):paste(stamp, 4, 0)))
    assert.same({ "....", "....", "...." }, drawing(picture.new(4, 3, 3):paste(stamp, -3, -900)))
  end)

  it("pastes the right part of a clipped image", function()
    local from = assert(picture.new(3, 2, 1, "\1\2\3\4\5\6"))
    assert.equal("\5\6\0\0", picture.new(2, 2, 1):paste(from, -1, -1):bytes())
  end)

  it("blends by the alpha of the pasted image", function()
    local half = assert(picture.new(1, 1, 4, "\200\100\0\128"))
    assert.same({ 100, 50, 127 }, at(picture.new(1, 1, 3, "\0\0\255"):paste(half, 0, 0), 0, 0))
    assert.same({ 200, 100, 0, 128 }, at(picture.new(1, 1, 4):paste(half, 0, 0), 0, 0))
    local nothing = assert(picture.new(1, 1, 4, "\200\100\0\0"))
    assert.same({ 7, 8, 9 }, at(picture.new(1, 1, 3, "\7\8\9"):paste(nothing, 0, 0), 0, 0))
  end)

  it("writes text", function()
    assert.same({
      "#####..###...", "#......#.....", "#......#.....", "####...#.....",
      "#......#.....", "#......#.....", "#####..###...", ".............",
    }, drawing(picture.new(13, 8, 1):text(0, 0, "E[")))
    assert.same({
      "..........", "..........", "##########", "##########", "..........", "..........",
    }, drawing(picture.new(10, 6, 1):text(0, -4, "-", { scale = 2 })))
    local red = picture.new(6, 8):text(0, 0, "|", { color = { 255, 1, 2 } })
    assert.same({ 255, 1, 2 }, at(red, 2, 3))
  end)

  it("has a different glyph for each printable character", function()
    local seen = {}
    for code = 32, 126 do
      local bytes = picture.new(6, 8, 1):text(0, 0, string.char(code)):bytes()
      assert.is_nil(seen[bytes], ("%c is drawn as %s"):format(code, seen[bytes]))
      seen[bytes] = string.char(code)
      assert.equal(code == 32, not bytes:find("\255"))
    end
    local unknown = picture.new(6, 8, 1):text(0, 0, "\200"):bytes()
    assert.equal("?", seen[unknown])
  end)

  it("clips text at its edges", function()
    local p = picture.new(20, 10, 3)
    p:text(-1000000, -1000000, ("x"):rep(50), { scale = 256 }):text(19, 9, ("W"):rep(10000))
    p:text(1000000, 1000000, "x")
    assert.equal(600, #p:bytes())
  end)

  it("cannot be used after close, and a second close does nothing", function()
    local kept
    do
      local p <close> = picture.new(3, 3)
      kept = p
      assert.equal("novita.Picture (3 x 3 x 3)", tostring(p))
    end
    kept:close()
    assert.equal("novita.Picture (closed)", tostring(kept))
    assert.error_matches(function() kept:bytes() end, "the picture is closed")
    assert.error_matches(function() picture.new(1, 1):paste(kept, 0, 0) end,
      "the picture is closed")
  end)

  it("is rejected if it would be too large", function()
    local p, err = picture.new(65500, 65500)
    assert.is_nil(p)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
    p, err = picture.new(4, 4):resize({ size = 60000 })
    assert.is_nil(p)
    assert.equal("too_large", err.code)
  end)
end)

describe("wrong use raises, naming the field, the value and the allowed ones:", function()
  local p = picture.new(2, 2)
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
      local ok, message = pcall(function() picture.prepare("", case[1]) end)
      assert.is_false(ok)
      local line, text = message:match("picture_spec%.lua:(%d+): (.*)$")
      assert.truthy(line, message)
      assert.equal(case[2], text)
    end)
  end

  it("a field that does not exist", function()
    assert.error_matches(function() picture.prepare("", { widht = 5 }) end,
      "widht is not an option: did you mean width%?")
    assert.error_matches(function() p:resize({ quality = 5 }) end,
      "quality is not an option: the options are size, width")
    assert.error_matches(function() p:encode({ width = 5 }) end,
      "width is not an option: the options are format")
    assert.error_matches(function() picture.decode("", { limits = { x = 1 } }) end,
      "limits%.x is not an option: the options are bytes")
  end)

  it("arguments of an image's methods", function()
    assert.error_matches(function() picture.new(0, 5) end, "width must be an integer from 1")
    assert.error_matches(function() picture.new(5, 5, 5) end, "channels must be an integer from 1")
    assert.error_matches(function() picture.new(1, 1, 3, "ab") end, "bytes must be 3 long")
    assert.error_matches(function() p:fill(0, 0, 1, 1, 256, 0, 0) end, "red must be an integer")
    assert.error_matches(function() p:fill(2000000, 0, 1, 1, 0, 0, 0) end, "x must be an integer")
    assert.error_matches(function() p:text(0, 0, "x", { scale = 0 }) end, "scale must be an int")
    assert.error_matches(function() p:text(0, 0, "x", { color = 5 }) end, 'color must be "#rrggbb"')
    assert.error_matches(function() p:text(0, 0, "x", { colour = "#000000" }) end,
      "colour is not an option: did you mean color%?")
    assert.error_matches(function() p:paste(p, 0, 0) end, "cannot be pasted on itself")
    assert.error_matches(function() p:paste({}, 0, 0) end, "novita.Picture expected")
    assert.error_matches(function() picture.prepare(5) end, "string of bytes")
    assert.error_matches(function() picture.prepare({}) end, "'path' or 'bytes'")
    assert.error_matches(function() picture.prepare({ path = "a\0b" }) end, "NUL")
  end)
end)
