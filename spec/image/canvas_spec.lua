local Canvas = require "novita.image.canvas"

local function at(p, x, y)
  local from = (y * p.width + x) * p.channels
  return { p:bytes():byte(from + 1, from + p.channels) }
end

--- The image as lines, with '#' for every pixel that is not black.
local function drawing(p)
  local lines = {}
  for y = 0, p.height - 1 do
    local line = {}
    for x = 0, p.width - 1 do
      line[#line + 1] = at(p, x, y)[1] > 0 and "#" or "."
    end
    lines[#lines + 1] = table.concat(line)
  end
  return lines
end

describe("a canvas", function()
  it("starts black, or with the given samples", function()
    local p = assert(Canvas.new(2, 2))
    assert.same({ 2, 2, 3 }, { p.width, p.height, p.channels })
    assert.equal(("\0"):rep(12), p:bytes())
    assert.equal("abcd", assert(Canvas.new(1, 2, 2, "abcd")):bytes())
  end)

  it("fills rectangles, clipped to the image", function()
    local p = assert(Canvas.new(4, 3, 1))
    assert.equal(p, p:fill(-5, 1, 7, 1, 255, 255, 255))
    assert.same({ "....", "##..", "...." }, drawing(p))
    p:fill(3, -1, 100, 100, 255, 255, 255)
    p:fill(0, 0, 0, 5, 255, 255, 255):fill(0, 0, -3, 2, 9, 9, 9)
    assert.same({ "...#", "##.#", "...#" }, drawing(p))
    p:fill(1000000, 1000000, 5, 5, 255, 255, 255)
    assert.same({ "...#", "##.#", "...#" }, drawing(p))
  end)

  it("fills gray with the colour's brightness, and alpha with opaque", function()
    assert.same({ 76 }, at(Canvas.new(1, 1, 1):fill(0, 0, 1, 1, 255, 0, 0), 0, 0))
    assert.same({ 150, 255 }, at(Canvas.new(1, 1, 2):fill(0, 0, 1, 1, 0, 255, 0), 0, 0))
    assert.same({ 1, 2, 3, 255 }, at(Canvas.new(1, 1, 4):fill(0, 0, 1, 1, 1, 2, 3), 0, 0))
  end)

  it("pastes another image, clipped at its edges", function()
    local stamp = assert(Canvas.new(3, 3, 1)):fill(0, 0, 3, 3, 255, 255, 255)
    assert.same({ "##..", "##..", "...." }, drawing(Canvas.new(4, 3, 3):paste(stamp, -1, -1)))
    assert.same({ "....", "....", "...#" }, drawing(Canvas.new(4, 3, 3):paste(stamp, 3, 2)))
    assert.same({ "....", "....", "...." }, drawing(Canvas.new(4, 3, 3):paste(stamp, 4, 0)))
    assert.same({ "....", "....", "...." }, drawing(Canvas.new(4, 3, 3):paste(stamp, -3, -900)))
  end)

  it("pastes the right part of a clipped image", function()
    local from = assert(Canvas.new(3, 2, 1, "\1\2\3\4\5\6"))
    assert.equal("\5\6\0\0", Canvas.new(2, 2, 1):paste(from, -1, -1):bytes())
  end)

  it("blends by the alpha of the pasted image", function()
    local half = assert(Canvas.new(1, 1, 4, "\200\100\0\128"))
    assert.same({ 100, 50, 127 }, at(Canvas.new(1, 1, 3, "\0\0\255"):paste(half, 0, 0), 0, 0))
    assert.same({ 200, 100, 0, 128 }, at(Canvas.new(1, 1, 4):paste(half, 0, 0), 0, 0))
    local nothing = assert(Canvas.new(1, 1, 4, "\200\100\0\0"))
    assert.same({ 7, 8, 9 }, at(Canvas.new(1, 1, 3, "\7\8\9"):paste(nothing, 0, 0), 0, 0))
  end)

  it("writes text", function()
    assert.same({
      "#####..###...", "#......#.....", "#......#.....", "####...#.....",
      "#......#.....", "#......#.....", "#####..###...", ".............",
    }, drawing(Canvas.new(13, 8, 1):text(0, 0, "E[")))
    assert.same({
      "..........", "..........", "##########", "##########", "..........", "..........",
    }, drawing(Canvas.new(10, 6, 1):text(0, -4, "-", 2)))
    local red = Canvas.new(6, 8):text(0, 0, "|", 1, { 255, 1, 2 })
    assert.same({ 255, 1, 2 }, at(red, 2, 3))
  end)

  it("has a different glyph for each printable character", function()
    local seen = {}
    for code = 32, 126 do
      local bytes = Canvas.new(6, 8, 1):text(0, 0, string.char(code)):bytes()
      assert.is_nil(seen[bytes], ("%c is drawn as %s"):format(code, seen[bytes]))
      seen[bytes] = string.char(code)
      assert.equal(code == 32, not bytes:find("\255"))
    end
    local unknown = Canvas.new(6, 8, 1):text(0, 0, "\200"):bytes()
    assert.equal("?", seen[unknown])
  end)

  it("clips text at its edges", function()
    local p = Canvas.new(20, 10, 3)
    p:text(-1000000, -1000000, ("x"):rep(50), 256):text(19, 9, ("W"):rep(10000))
    p:text(1000000, 1000000, "x")
    assert.equal(600, #p:bytes())
  end)

  it("is rejected if it would be too large", function()
    local p, err = Canvas.new(65500, 65500)
    assert.is_nil(p)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
  end)

  it("refuses wrong arguments", function()
    local p = Canvas.new(2, 2)
    assert.error_matches(function() Canvas.new(0, 5) end, "width must be an integer from 1")
    assert.error_matches(function() Canvas.new(5, 5, 5) end, "channels must be an integer from 1")
    assert.error_matches(function() Canvas.new(1, 1, 3, "ab") end, "bytes must be 3 long")
    assert.error_matches(function() p:fill(0, 0, 1, 1, 256, 0, 0) end, "red must be an integer")
    assert.error_matches(function() p:fill(2000000, 0, 1, 1, 0, 0, 0) end, "x must be an integer")
    assert.error_matches(function() p:text(0, 0, "x", 0) end, "scale must be an integer")
    assert.error_matches(function() p:text(0, 0, "x", 1, { 0, 0 }) end, "number expected")
    assert.error_matches(function() p:paste(p, 0, 0) end, "cannot be pasted on itself")
    assert.error_matches(function() p:paste({}, 0, 0) end, "novita.core.pixels expected")
  end)
end)
