--- The boxes that the npm package @vladmandic/face-api finds with the same weights, recorded by
--- bench/record_faces.lua.

local face_photos = require "support.faces.photos"
local image = require "novita.image"
local novita_faces = require "novita.faces"

local golden = dofile(face_photos.path "golden.lua")

-- The largest distance of two edges, as a share of the width.
local function distance(found, wanted)
  local worst = 0
  for _, edge in ipairs {
    found[1] - wanted[1], found[2] - wanted[2],
    found[1] + found[3] - wanted[1] - wanted[3], found[2] + found[4] - wanted[2] - wanted[4],
  } do
    worst = math.max(worst, math.abs(edge))
  end
  return worst / wanted[3]
end

local function assert_same(found, wanted, tolerance)
  assert.equal(#wanted, #found)
  for i, face in ipairs(found) do
    assert.is_true(distance(face, wanted[i]) <= tolerance, ("face %d: %.4f"):format(i,
      distance(face, wanted[i])))
  end
end

local function wanted(name, side)
  for _, case in ipairs(golden) do
    if case.name == name and case.side == side and case.kind == "photo" then
      return case.faces
    end
  end
end

local function rows(faces)
  local list = {}
  for i, face in ipairs(faces) do
    list[i] = { face.x, face.y, face.width, face.height }
  end
  return list
end

describe("the network", function()
  local detector = assert(novita_faces.detector())

  for _, case in ipairs(golden) do
    if case.kind == "reduced" then
      it(("finds what the original finds: %s, %d pixels"):format(case.name, case.side), function()
        local photo = face_photos.reduce(face_photos.make(case.name), case.side)
        local found = detector:find(photo:bytes(), photo.width, photo.height, case.side)
        assert_same(found, case.faces, 0.001)
        for i, face in ipairs(found) do
          assert.near(case.faces[i][5], face[5], 0.001)
        end
      end)
    end
  end
end)

describe("a photo's faces", function()
  -- The original reduces a photo without a filter, the core with one.
  for name, side in pairs { astronaut = 416, photographer = 416 } do
    it("are those of the original within 1.5 % of their width: " .. name, function()
      local photo = assert(face_photos.make(name):encode { format = "png" })
      assert_same(rows(assert(image.faces(photo))), wanted(name, side), 0.015)
    end)
  end
end)
