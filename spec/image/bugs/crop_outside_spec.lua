--- A crop function may return a box that begins left of the photo or above it, as a face with some
--- margin does. That raised "crop.x must be ..." without naming the photo; a box too far right or
--- too far down was an error of that photo.

local image = require "novita.image"
local Canvas = require "novita.image.canvas"

describe("the box of a crop function", function()
  local source = assert(assert(Canvas.new(60, 40, 3)):encode())

  local function cropped(x, y, width, height)
    return image.prepare(source, { size = 8, crop = function()
      return { x = x, y = y, width = width, height = height }
    end })
  end

  it("is an error of that photo if it is outside on any side", function()
    for box, shown in pairs {
      [{ -3, 0, 10, 10 }] = "10 x 10 at -3, 0", [{ 0, -0.5, 10, 10 }] = "10 x 10 at 0, -0.5",
      [{ 55, 0, 10, 10 }] = "10 x 10 at 55, 0", [{ 0, 35, 10, 10 }] = "10 x 10 at 0, 35",
      [{ 5, 5, 0, 10 }] = "0 x 10 at 5, 5", [{ 5, 5, 10, -1 }] = "10 x -1 at 5, 5",
    } do
      local made, err = cropped(table.unpack(box))
      assert.is_nil(made)
      assert.same({ "image", "crop" }, { err.kind, err.code })
      assert.equal("has 60 x 40 pixels, and the crop box of " .. shown
        .. " is not inside: choose another box", err.message)
    end
  end)

  it("is used if it is inside, and is wrong use if it is not a box", function()
    assert.truthy(cropped(0, 0, 60, 40))
    local ok, message = pcall(cropped, 0, "left", 10, 10)
    assert.is_false(ok)
    assert.truthy(tostring(message):find("crop.y must be a number of pixels", 1, true))
  end)
end)
