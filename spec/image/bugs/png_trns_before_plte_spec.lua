--- A PNG whose palette comes after its tRNS has no transparency: libpng ignores the tRNS. It was
--- still read as one with alpha, so colours moved to other channels, and the end of each row was
--- uninitialised memory.

local image = require "novita.image"
local files = require "support.files"

describe("a PNG whose tRNS comes before its palette", function()
  local rows = { "\10\20\30\40\50\60", "\70\80\90\100\110\120" }

  local function png(before)
    return files.png { width = 2, height = 2, depth = 8, type = 2, rows = rows, before = before }
  end

  local palette, tint = files.chunk("PLTE", "\1\2\3"), files.chunk("tRNS", "\0\10\0\20\0\30")

  it("is opaque, and has the colours of the palette", function()
    local bytes = png(tint .. palette)
    local decoded = assert(image.decode(bytes))
    assert.equal(3, decoded.channels)
    assert.is_true(decoded:bytes() == table.concat(rows))
    local made = assert(image.prepare(bytes, { format = "png" }))
    assert.is_false(made.alpha)
    assert.is_true(assert(image.decode(made.bytes)):bytes() == table.concat(rows))
    assert.is_false(assert(image.probe(bytes)).alpha)
  end)

  it("is transparent if they come in the right order", function()
    local decoded = assert(image.decode(png(palette .. tint)))
    assert.equal(4, decoded.channels)
    assert.same({ 10, 20, 30, 0, 40, 50, 60, 255 }, { decoded:bytes():byte(1, 8) })
  end)
end)
