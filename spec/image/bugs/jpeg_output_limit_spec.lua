--- A JPEG's buffer grew in pieces of 64 KiB, and a JPEG was rejected if the limit left no whole
--- piece for it: with limits.output_bytes below 65536 every JPEG, above it those in the last piece.

local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"

describe("limits.output_bytes of a JPEG", function()
  local function source(side, format)
    return assert(assert(Canvas.new(side, side, 3, noise.bytes(side * side * 3, 5)))
      :encode { format = format })
  end

  local function check(photo, options)
    local whole = assert(image.prepare(photo, options)).bytes
    local function limited(bytes)
      options.limits = { output_bytes = bytes }
      return image.prepare(photo, options)
    end
    assert.is_true(assert(limited(#whole)).bytes == whole)
    assert.is_true(assert(limited(#whole + 1)).bytes == whole)
    for _, bytes in ipairs { #whole - 1, #whole - 2, #whole // 2, 1 } do
      local made, err = limited(bytes)
      assert.is_nil(made)
      assert.equal("too_large", err.code)
    end
    return #whole
  end

  it("allows exactly what fits", function()
    for _, how in ipairs { {}, { optimize = true }, { chroma = 420 }, { planes = false } } do
      for _, format in ipairs { "png", "jpeg" } do
        how.limits, how.pass_through = nil, false
        assert.is_true(check(source(8, format), how) < 65536)
        how.limits = nil
        assert.is_true(check(source(256, format), how) > 65536)
      end
    end
  end)
end)
