-- A photo that is cropped around a face is decoded once, if the part is one of the largest: the
-- whole photo is resized, and the part is cut out of it. That must not be visible.

local Canvas = require "novita.image.canvas"
local face_photos = require "support.faces.photos"
local faces = require "novita.image.faces"
local image = require "novita.image"
local psnr = require "support.psnr"

local SIZE <const> = 340
local SAME <const> = 50 -- dB

local portrait = face_photos.placed(600, 800, 40, 200)
local landscape = face_photos.placed(900, 560, 330, 20)
local low = face_photos.placed(900, 700, 250, 300, 400)

local function jpeg(photo, chroma)
  return assert(photo:encode { quality = 95, chroma = chroma or 420 })
end

local function png(photo)
  return assert(photo:encode { format = "png" })
end

local function pixels(bytes)
  local decoded <close> = assert(image.decode(bytes, { channels = 3 }))
  return decoded:bytes()
end

local function prepared(bytes, options, crop)
  local copy = { size = SIZE, format = "png", crop = crop }
  for name, value in pairs(options or {}) do
    copy[name] = value
  end
  return assert(image.prepare(bytes, copy))
end

-- The result is what a crop to the reported box gives, in another run.
local function assert_cut(bytes, options)
  local facts = prepared(bytes, options, "face")
  local crop = facts.crop
  assert.equal("face", crop.choice)
  local box = prepared(bytes, options,
    { x = crop.x, y = crop.y, width = crop.width, height = crop.height })
  local db = psnr(pixels(facts.bytes), pixels(box.bytes))
  assert.is_true(db >= SAME, ("%.1f dB"):format(db))
  for _, name in ipairs { "width", "height", "scale", "dhash", "format", "source_width" } do
    assert.equal(box[name], facts[name], name)
  end
  assert.near(box.sharpness, facts.sharpness, box.sharpness / 100)
  return facts
end

-- The box is where the rule says, up to a pixel of the result.
local function assert_rule(facts)
  local wanted = faces.crop_box(facts.source_width, facts.source_height, facts.faces[1],
    facts.width / facts.height)
  local pixel = wanted.width / facts.width
  for _, name in ipairs { "x", "y", "width", "height" } do
    assert.near(wanted[name], facts.crop[name], pixel * 1.01, name)
  end
end

describe("a photo that is cropped around a face", function()
  for name, photo in pairs { portrait = portrait, landscape = landscape } do
    it("is cut out of the whole, in its own planes: " .. name, function()
      assert_rule(assert_cut(jpeg(photo)))
    end)

    it("is cut out of the whole, in rows: " .. name, function()
      assert_rule(assert_cut(png(photo)))
      assert_rule(assert_cut(jpeg(photo), { linear = true }))
    end)
  end

  it("begins at a whole pixel of the result, and at an even one for halved colours", function()
    for _, options in ipairs { { format = "jpeg", quality = 95 }, { format = "webp" },
      { format = "jpeg", quality = 95, chroma = 420 } } do
      local crop = assert_cut(jpeg(portrait), options).crop
      local halved = options.chroma == 420 or options.format == "webp"
      local start = crop.y / (crop.height / SIZE)
      assert.near(0, (start + 0.001) % (halved and 2 or 1), 0.01)
      assert.is_true(start > 1)
    end
  end)

  it("may need no padding", function()
    for _, options in ipairs { {}, { format = "jpeg", quality = 95 },
      { format = "jpeg", quality = 95, chroma = 420 } } do
      options.width, options.height = 336, 345
      assert_cut(jpeg(portrait), options)
    end
  end)

  it("may be gray", function()
    assert_rule(assert_cut(jpeg(assert(image.decode(jpeg(portrait), { channels = 1 })))))
    assert_rule(assert_cut(png(assert(image.decode(jpeg(portrait), { channels = 1 })))))
  end)

  it("may be stored lying", function()
    local lying = face_photos.lying(portrait)
    local facts = assert_cut(lying)
    assert_rule(facts)
    assert.same({ 600, 800 }, { facts.source_width, facts.source_height })
    assert.near(prepared(jpeg(portrait), {}, "face").crop.y, facts.crop.y, 6)
  end)

  it("may have any proportions", function()
    local facts = assert_cut(jpeg(landscape), { width = 336, height = 480 })
    assert_rule(facts)
    assert.near(0.7, facts.crop.width / facts.crop.height, 1e-6)
  end)

  it("is resized again if the part is smaller", function()
    local facts = assert_cut(jpeg(low))
    assert.is_true(facts.crop.height < 690)
    assert_rule(facts)
  end)

  it("is resized again if the result is too small to see a face, or a small part", function()
    assert_rule(assert_cut(jpeg(portrait), { size = 64 }))
    assert_rule(assert_cut(png(portrait), { width = 600, height = 140 }))
  end)

  it("is copied if it fits already", function()
    local fitting = jpeg(face_photos.placed(512, 512, 0, 0), 444)
    local facts = prepared(fitting, { size = 512, format = "jpeg" }, "face")
    assert.same({ true, "face", 1 }, { facts.passed_through, facts.crop.choice, #facts.faces })
  end)

  it("is cropped in the middle if it has no face", function()
    local empty = assert(Canvas.new(800, 600, 3)):fill(100, 100, 300, 300, 250, 120, 9)
    for _, bytes in ipairs { jpeg(empty), png(empty) } do
      local facts = prepared(bytes, {}, "face")
      assert.same({ "center", 0 }, { facts.crop.choice, #facts.faces })
      assert.near(100, facts.crop.x, 600 / SIZE / 2 + 1e-6)
      assert.same({ 600, 600 }, { facts.crop.width, facts.crop.height })
    end
  end)

  it("is refused as in any other way", function()
    local bytes = jpeg(portrait)
    local facts, err = image.prepare(bytes:sub(1, #bytes // 2), { size = SIZE, crop = "face" })
    assert.is_nil(facts)
    assert.equal("truncated", err.code)
    facts = assert(image.prepare(bytes:sub(1, -400), { size = SIZE, crop = "face",
      lenient = true }))
    assert.same({ true, "face" }, { facts.truncated, facts.crop.choice })
    facts, err = image.prepare(bytes, { size = SIZE, crop = "face", limits = { pixels = 1000 } })
    assert.is_nil(facts)
    assert.equal("too_large", err.code)
  end)

  it("is not searched for faces where nothing is cut off", function()
    local facts = prepared(jpeg(portrait), { fit = "inside" }, "face")
    assert.is_nil(facts.faces)
    assert.equal("center", facts.crop.choice)
  end)
end)
