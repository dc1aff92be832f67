-- A check reports the faces in photos. The boxes are given here; the detector that finds them is
-- another rock.

local faces = require "novita.image.faces"
local novita = require "novita"
local set = require "novita.dataset.set"

-- A photo of 1200 x 1600 that is cropped to a square, with faces { x, y, size }.
local function photo(name, crop, ...)
  local boxes = {}
  for i, face in ipairs { ... } do
    boxes[i] = { x = face[1], y = face[2], width = face[3], height = face[3], score = 0.9 }
  end
  return { name = name, facts = { dhash = ("%016x"):format(name:byte() * 0x0123456789abcdef),
    scale = 512 / 1200, sharpness = 99, brightness = 0.5, dark = 0, bright = 0, width = 512,
    height = 512, source_width = 1200, source_height = 1600, faces = boxes,
    crop = { x = crop.x or 0, y = crop.y or 0, width = 1200, height = 1200,
      choice = crop.choice or "face" } } }
end

local function found_in(photos, options)
  options = options or { prompt = "a photo of ohwx woman" }
  options.min_count = 0
  local texts = {}
  for i, found in ipairs(set.new(photos):check(options).problems) do
    texts[i] = found.code .. ": " .. found.text
  end
  return texts
end

describe("a photo of a person", function()
  it("with a whole face in a good place has no finding", function()
    assert.same({}, found_in { photo("a", {}, { 400, 300, 400 }) })
  end)

  it("should have a face, and one", function()
    assert.same({ "no_face: a has no face that can be found",
      "several_faces: b has 2 faces, and the crop is around the largest: if that is the wrong one, "
      .. "correct it in crops.txt", "several_faces: c has 2 faces" },
      found_in { photo("a", { choice = "center" }), photo("b", {}, { 400, 300, 400 }, { 9, 9, 90 }),
        photo("c", { choice = "box" }, { 400, 300, 400 }, { 9, 9, 90 }) })
  end)

  it("shares one line if more than three have the same finding", function()
    local options = { prompt = "a photo of ohwx woman", min_count = 0 }
    local function lines(names)
      local photos = {}
      for i, name in ipairs(names) do photos[i] = photo(name, { choice = "center" }) end
      return tostring(set.new(photos):check(options))
    end
    local names = { "s", "t", "u" }
    assert.equal(3, select(2, lines(names):gsub("\n%l has no face that can be found", "")))
    table.move({ "v", "w" }, 1, 2, 4, names)
    assert.matches("^5 photos, 5 problems\neach of 5 photos %(s, t, u and 2 more%) has no face "
      .. "that can be found$", lines(names))
  end)

  it("should show the whole head", function()
    assert.same({ "face_cut: a loses 45 % of the head to the crop" }, -- 228 of 512 pixels above 400
      found_in { photo("a", { y = 400, choice = "center" }, { 400, 284, 400 }) })
    assert.same({ "face_cut: b has a face that the edge of the photo cuts off" },
      found_in { photo("b", {}, { 0, 300, 400 }) })
  end)

  it("should have a face that is large enough in the training", function()
    assert.same({ "face_small: a has a small face: it will be 43 pixels high, below 64" },
      found_in { photo("a", {}, { 550, 500, 100 }) })
    assert.same({}, found_in({ photo("a", {}, { 550, 500, 100 }) },
      { prompt = "a photo of ohwx woman", min_face = 40 }))
  end)

  it("may have it anywhere in a box that was chosen", function()
    assert.same({}, found_in { photo("a", { choice = "box" }, { 20, 700, 400 }) })
    assert.same({ "face_off_center: a has its face off centre: at 18 % of the width and 50 % of "
      .. "the height" }, found_in { photo("a", { choice = "top" }, { 20, 400, 400 }) })
  end)

  it("is what half of the photos show, if the prompt does not say", function()
    local none, one = photo("a", { choice = "center" }), photo("b", {}, { 400, 300, 400 })
    assert.same({ "no_face: a has no face that can be found" }, found_in({ none, one }, {}))
    local most = { none, photo("c", { choice = "center" }), one }
    assert.same({}, found_in(most, {}))
    local notes = set.new(most):check({}).notes
    assert.equal("faces are not checked: only 1 of 3 photos has one, and no prompt has a word such "
      .. "as person", notes[#notes])
    assert.equal(3, #set.new(most):check({ prompt = "ohwx woman" }).problems)
  end)

  it("keeps its head by default, and the centred crop does not", function()
    if faces.missing() then
      return pending "the rock novita-faces is not built"
    end
    local function codes(crop)
      local photos = assert(novita.dataset("examples/portraits", { crop = crop }))
      local found = {}
      for i, finding in ipairs(photos:check({ prompt = "a photo of ohwx woman" }).problems) do
        found[i] = finding.code
      end
      return found
    end
    assert.same({ "too_small", "too_few" }, codes())
    assert.same({ "too_small", "face_cut", "too_few" }, codes "center")
  end)
end)
