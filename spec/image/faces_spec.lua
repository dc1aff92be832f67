--- novita.image.faces: the boxes of faces, in pixels of the photo as displayed.

local Canvas = require "novita.image.canvas"
local co = require "support.coroutines"
local face_photos = require "support.faces.photos"
local files = require "support.files"
local interpreter = require "support.interpreter"
local image = require "novita.image"
local noise = require "support.noise"

local function png(photo)
  return assert(photo:encode { format = "png" })
end

local function assert_face(expected, face, tolerance)
  for _, name in ipairs { "x", "y", "width", "height" } do
    assert.near(expected[name], face[name], tolerance, name)
  end
  assert.is_true(face.score > 0.5 and face.score <= 1)
end

-- The face of the astronaut, 512 x 512, by eye: from the chin to the hair line, and the cheeks.
local ASTRONAUT <const> = { x = 163, y = 76, width = 116, height = 111 }

describe("novita.image.faces", function()
  it("finds the face of a portrait, from a file and from bytes", function()
    local path = face_photos.path "astronaut.jpg"
    local found = assert(image.faces { path = path })
    assert.equal(1, #found)
    assert_face(ASTRONAUT, found[1], 6)
    assert.same(found, assert(image.faces(files.read "fixtures/faces/astronaut.jpg")))
  end)

  it("finds the face of a gray photo", function()
    local found = assert(image.faces { path = face_photos.path "photographer.jpg" })
    assert.equal(1, #found)
    assert_face({ x = 189, y = 130, width = 69, height = 70 }, found[1], 6)
  end)

  it("gives pixels of the photo, whatever its size", function()
    local large = assert(face_photos.make("astronaut"):resize { size = 2048 })
    local found = assert(image.faces(assert(large:encode())))
    assert.equal(1, #found)
    assert_face({ x = 4 * 163, y = 4 * 76, width = 4 * 116, height = 4 * 111 }, found[1], 24)
  end)

  it("sees the photo as displayed", function()
    local upright = face_photos.make "portrait"
    local wanted = assert(image.faces(png(upright)))[1]
    local found = assert(image.faces(face_photos.lying(upright)))
    assert.equal(1, #found)
    assert_face(wanted, found[1], 8)
  end)

  it("finds all faces of a group, the largest first", function()
    local found = assert(image.faces(png(face_photos.make "group")))
    assert.equal(2, #found)
    assert.is_true(found[1].width * found[1].height > found[2].width * found[2].height)
    assert.is_true(found[1].x < 400 and found[2].x > 600)
  end)

  it("finds a face that is small in the photo", function()
    local found = assert(image.faces(png(face_photos.make "distant")))
    assert.equal(1, #found)
    local scale = 420 / 512
    assert_face({ x = 500 + 163 * scale, y = 300 + 76 * scale, width = 116 * scale,
      height = 111 * scale }, found[1], 20)
  end)

  it("finds nothing where there is no face", function()
    for _, photo in ipairs {
      Canvas.new(400, 300, 3),
      Canvas.new(64, 64, 3, noise.bytes(64 * 64 * 3, 1)),
      Canvas.new(500, 400, 1, noise.bytes(500 * 400, 2)),
      assert(Canvas.new(300, 300, 4)),
    } do
      assert.same({}, assert(image.faces(png(photo))))
    end
  end)

  it("takes photos of every shape", function()
    for _, size in ipairs { { 1, 1 }, { 1, 3000 }, { 3000, 1 }, { 5, 2 }, { 417, 415 } } do
      local photo = Canvas.new(size[1], size[2], 3)
      assert.same({}, assert(image.faces(png(photo))))
    end
  end)

  it("reports a photo that cannot be read", function()
    local found, err = image.faces { path = "/nowhere.jpg" }
    assert.is_nil(found)
    assert.same({ "file", "not_found" }, { err.kind, err.code })
    local jpeg = files.read "fixtures/faces/astronaut.jpg"
    found, err = image.faces(jpeg:sub(1, #jpeg // 2))
    assert.is_nil(found)
    assert.same({ "image", "truncated" }, { err.kind, err.code })
    assert.truthy(image.faces(jpeg:sub(1, -3000), { lenient = true }))
    found, err = image.faces(jpeg, { limits = { pixels = 1000 } })
    assert.is_nil(found)
    assert.equal("too_large", err.code)
  end)

  it("raises on wrong use", function()
    assert.has_error(function() image.faces(5) end)
    assert.has_error(function() image.faces({ path = "x" }, { limit = {} }) end)
  end)

  it("does not block the loop", function()
    local photo = png(face_photos.make "group")
    local order = {}
    local group <close> = co.group()
    group:spawn(function()
      assert(image.faces(photo))
      order[#order + 1] = "faces"
    end)
    group:spawn(function()
      order[#order + 1] = "other"
    end)
    group:wait()
    assert.same({ "other", "faces" }, order)
  end)

  it("can be canceled", function()
    local photo = png(face_photos.make "group")
    local group <close> = co.group()
    local fiber = group:spawn(function()
      return image.faces(photo)
    end)
    fiber:cancel()
    pcall(group.wait, group)
    assert.truthy(image.faces(photo))
  end)
end)

describe("without the rock novita-faces", function()
  local PROGRAM <const> = [[
    for i, searcher in ipairs(package.searchers) do
      package.searchers[i] = function(name)
        if name == %q then return "\n\tno file" end
        return searcher(name)
      end
    end
    local image = require "novita.image"
    local found, err = image.faces { path = %q }
    print(found, err.kind, err.code, err.message)
    local faces = require "novita.image.faces"
    local face = { x = 1, y = 1, width = 9, height = 9 }
    print(faces.missing() == nil, faces.crop_box(800, 800, face, 1).width)
  ]]

  for _, missing in ipairs { "novita.faces", "novita.faces.core" } do
    it("says how to install it, and computes crop boxes all the same: no " .. missing, function()
      local path = files.temporary(PROGRAM:format(missing, face_photos.path "astronaut.jpg"))
      local pipe = assert(io.popen(("LUA_PATH=%q LUA_CPATH=%q %s %s 2>&1"):format(package.path,
        package.cpath, interpreter, path)))
      local out = pipe:read "a"
      pipe:close()
      os.remove(path)
      assert.equal("nil\timage\tno_face_detector\tno face detector is installed: "
        .. "luarocks install novita-faces\nfalse\t800.0\n", out)
    end)
  end
end)
