--- The rule of csrc/image/detect/face_crop.h, for many photos and faces.

local faces = require "novita.image.faces"

local HAIR <const> = 1 -- a pixel: crop boxes begin at whole pixels

local function bottom(box)
  return box.y + box.height
end

local function right(box)
  return box.x + box.width
end

local function holds(outer, inner, message)
  assert.is_true(inner.x >= outer.x - HAIR and inner.y >= outer.y - HAIR, message)
  assert.is_true(right(inner) <= right(outer) + HAIR, message)
  assert.is_true(bottom(inner) <= bottom(outer) + HAIR, message)
end

local function show(width, height, face, aspect)
  return ("a photo of %g x %g, a face of %g x %g at %g, %g, aspect %g"):format(width, height,
    face.width, face.height, face.x, face.y, aspect)
end

-- Calls fn(width, height, face, aspect) for faces everywhere in photos of all formats. The faces
-- are up to `most` of the photo's shorter side.
local function each_face(most, fn)
  local random = 12345
  local function next_share()
    random = (random * 1103515245 + 12345) & 0x7fffffff
    return random / 0x7fffffff
  end
  for _, size in ipairs { { 1000, 1000 }, { 900, 1600 }, { 1600, 900 }, { 300, 4000 } } do
    for _, aspect in ipairs { 1, 2 / 3, 3 / 2 } do
      for _ = 1, 200 do
        local side = math.min(size[1], size[2]) * (0.02 + (most - 0.02) * next_share())
        local face = { width = side, height = side * (0.8 + 0.4 * next_share()) }
        face.x = (size[1] - face.width) * next_share()
        face.y = (size[2] - face.height) * next_share()
        fn(size[1], size[2], face, aspect)
      end
    end
  end
end

describe("the crop box of a face", function()
  it("has the wanted proportions, inside the photo", function()
    each_face(0.8, function(width, height, face, aspect)
      local box = faces.crop_box(width, height, face, aspect)
      local message = show(width, height, face, aspect)
      assert.near(aspect, box.width / box.height, 1e-9, message)
      assert.is_true(box.x >= 0 and box.y >= 0, message)
      assert.is_true(right(box) <= width and bottom(box) <= height, message)
    end)
  end)

  it("holds the head", function()
    each_face(0.4, function(width, height, face, aspect)
      local head = faces.head_box(face, width, height)
      assert.is_true(head.y <= face.y and head.height >= face.height)
      holds(faces.crop_box(width, height, face, aspect), head, show(width, height, face, aspect))
    end)
  end)

  it("is at least 1.4 times the face", function()
    each_face(0.4, function(width, height, face, aspect)
      local box = faces.crop_box(width, height, face, aspect)
      local message = show(width, height, face, aspect)
      assert.is_true(box.width >= 1.4 * face.width - 1e-9, message)
      assert.is_true(box.height >= 1.4 * face.height - 1e-9, message)
    end)
  end)

  it("has the face in its upper part, if there is enough of the photo below", function()
    each_face(0.2, function(width, height, face, aspect)
      if bottom(face) > height - 3 * face.height then return end
      local box = faces.crop_box(width, height, face, aspect)
      local centre = (face.y + face.height / 2 - box.y) / box.height
      assert.is_true(centre <= 0.45 + HAIR / box.height, show(width, height, face, aspect))
    end)
  end)

  it("is as large as the photo allows", function()
    assert.same({ x = 0, y = 0, width = 800, height = 800 },
      faces.crop_box(800, 1200, { x = 300, y = 200, width = 200, height = 220 }, 1))
    -- lower in the photo, it moves down with the face: 45 % of 800 are 360 pixels
    assert.same({ x = 0, y = 250, width = 800, height = 800 },
      faces.crop_box(800, 1200, { x = 300, y = 500, width = 200, height = 220 }, 1))
    -- between left and right, the face is in the middle
    assert.same({ x = 300, y = 0, width = 800, height = 800 },
      faces.crop_box(1600, 800, { x = 600, y = 100, width = 200, height = 220 }, 1))
  end)

  it("keeps the top of a head that is larger than any box", function()
    local box = faces.crop_box(400, 1000, { x = 0, y = 300, width = 400, height = 600 }, 1)
    assert.same({ x = 0, y = 132, width = 400, height = 400 }, box)
  end)

  it("is not made for a face outside of the photo", function()
    for _, face in ipairs {
      { x = -5, y = 0, width = 9, height = 9 }, { x = 0, y = 0, width = 0, height = 9 },
      { x = 0 / 0, y = 0, width = 9, height = 9 }, { x = 0, y = math.huge, width = 9, height = 9 },
    } do
      assert.has_error(function() faces.crop_box(400, 400, face, 1) end)
    end
  end)
end)
