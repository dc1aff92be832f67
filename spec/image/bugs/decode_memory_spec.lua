--- limits.memory limited what decoders hold, but image.decode, which holds all pixels, ignored
--- it: a line of 268 million pixels, some hundred kilobytes of PNG, took gigabytes.

local files = require "support.files"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"

describe("image.decode", function()
  local function assert_refused(bytes, options)
    local decoded, err = image.decode(bytes, options)
    assert.is_nil(decoded)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
    assert.truthy(err.message:find("limits.memory", 1, true), err.message)
  end

  it("holds no more pixels than limits.memory allows", function()
    local made = assert(Canvas.new(60, 50, 3))
    for _, format in ipairs { "png", "jpeg", "webp" } do
      local bytes = assert(made:encode { format = format })
      assert_refused(bytes, { limits = { memory = 60 * 50 * 3 - 1 } })
      assert.truthy(image.decode(bytes, { limits = { memory = 60 * 50 * 3 } }))
      assert_refused(bytes, { channels = 4, limits = { memory = 60 * 50 * 3 } })
    end
  end)

  it("rejects rows that are too long before it decodes anything", function()
    assert_refused(files.png { width = 200000000, height = 1, depth = 16, type = 6, rows = { "" } })
  end)
end)
