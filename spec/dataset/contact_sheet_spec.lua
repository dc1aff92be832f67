local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local plain_text = require "novita.dataset.plain_text"
local refusal = require "support.refusal"
local set = require "novita.dataset.set"

local function flat(r, g, b, caption)
  local p = assert(Canvas.new(300, 200, 3)):fill(0, 0, 300, 200, r, g, b)
  return { name = ("%d-%d-%d.png"):format(r, g, b), caption = caption,
    bytes = assert(p:encode { format = "png" }) }
end

local options = { title = "a set", format = "png", check = { prepare = { size = 64 },
  max_scale = 9, min_sharpness = 0, max_distance = 0, min_count = 0, max_bright = 1 } }

local function with(changes)
  local all = {}
  for name, value in pairs(options) do
    all[name] = value
  end
  for name, value in pairs(changes) do
    all[name] = value or nil
  end
  return all
end

local function set_of(photos)
  local list = {}
  for i, photo in ipairs(photos) do
    list[i] = { name = photo.name, caption = photo.caption, bytes = photo.bytes,
      facts = photo.facts }
  end
  return set.new(list)
end

local function sheet(photos, changes)
  local found = set.is(photos) and photos or set_of(photos)
  local bytes = assert(found:contact_sheet(with(changes or {})))
  return assert(image.decode(bytes, { channels = 3 })), bytes
end

-- how many pixels have exactly this colour
local function count(p, r, g, b)
  local bytes, wanted, n, at = p:bytes(), string.char(r, g, b), 0, 1
  while true do
    at = bytes:find(wanted, at, true)
    if not at then
      return n
    elseif at % 3 == 1 then
      n, at = n + 1, at + 3
    else
      at = at + 1
    end
  end
end

local red, green, blue = flat(200, 30, 30), flat(30, 200, 30), flat(30, 30, 200)

describe("a contact sheet", function()
  it("shows every crop, in its place", function()
    local p = sheet({ red, green, blue }, { columns = 2, cell = 200,
      check = { prepare = { size = 64, format = "png" }, max_scale = 9 } })
    local square = 200 * 200
    for _, c in ipairs { { 200, 30, 30 }, { 30, 200, 30 }, { 30, 30, 200 } } do
      local shown = count(p, table.unpack(c))
      -- chips with flags cover some of it: flat images are blurred and alike
      assert.is_true(shown > square * 0.6 and shown <= square, tostring(shown))
    end
    assert.equal(2 * 32 + 2 * 220 + 16, p.width)
    local at = ((p.height // 3) * p.width + 60) * 3
    assert.equal(string.char(200, 30, 30), p:bytes():sub(at + 1, at + 3))
  end)

  it("keeps the proportions of what is not square", function()
    local p = sheet({ red }, { cell = 200,
      check = { prepare = { width = 100, height = 50, format = "png" }, max_scale = 9,
        min_sharpness = 0, min_count = 0 } })
    assert.equal(200 * 100, count(p, 200, 30, 30))
  end)

  it("marks what is wrong in colour, and what is right", function()
    local good = sheet({ red, green })
    assert.equal(0, count(good, 0xe0, 0x5a, 0x4e))
    assert.is_true(count(good, 0x4a, 0xb8, 0x7a) < 276 * 4) -- nothing is known about heads
    local bad = sheet({ red, { name = "text.jpg", bytes = "no image" } })
    assert.is_true(count(bad, 0xe0, 0x5a, 0x4e) > 276 * 4)
    local dark = sheet { flat(5, 5, 5) }
    assert.is_true(count(dark, 0xe3, 0xa6, 0x3b) > 276 * 4)
  end)

  it("has room for captions only where there are some", function()
    local without = sheet { red }
    local some = sheet { flat(200, 30, 30, "a caption"), green }
    local none = sheet { red, green }
    assert.equal(without.height, none.height)
    assert.is_true(some.height > none.height)
    assert.is_true(count(some, 0xa3, 0xac, 0xba) > count(none, 0xa3, 0xac, 0xba) + 100)
  end)

  it("shows what the last check found, and reports the set in its header", function()
    local photos = set_of { red, green }
    photos:check(options.check)
    local quiet = sheet(photos, { check = false })
    photos:check { prepare = { size = 64 }, min_count = 5, max_scale = 9, min_sharpness = 0,
      max_distance = 0, max_bright = 1 }
    local loud = sheet(photos, { check = false })
    assert.is_true(loud.height > quiet.height)
    assert.is_true(count(loud, 0xe3, 0xa6, 0x3b) > 100)
  end)

  it("has as many columns as asked for, and as few as there are photos", function()
    local photos = { red, green, blue, red, green }
    local widths = {}
    for i, columns in ipairs { 1, 2, 5, 20 } do
      widths[i] = sheet(photos, { columns = columns }).width
    end
    assert.is_true(widths[1] < widths[2] and widths[2] < widths[3])
    assert.equal(widths[3], widths[4])
    assert.truthy(sheet {}) -- nothing but a header
  end)

  it("is a JPEG unless asked for something else", function()
    local _, bytes = sheet { red }
    assert.equal("\x89PNG", bytes:sub(1, 4))
    bytes = assert(set_of({ red }):contact_sheet())
    assert.equal("jpeg", assert(image.probe(bytes)).format)
  end)

  it("says when it would be too large", function()
    local many = {}
    local facts = assert(image.prepare(red.bytes, { size = 64 }))
    for i = 1, 400 do
      many[i] = { facts = facts, name = "p" }
    end
    local bytes, err = set_of(many):contact_sheet { cell = 1024 }
    assert.is_nil(bytes)
    assert.same({ "image", "too_large" }, { err.kind, err.code })
  end)

  it("refuses what it does not know", function()
    local photos = set_of {}
    local draw = photos.contact_sheet
    assert.equal("colums is not an option of a contact sheet: did you mean columns?",
      refusal(draw, photos, { colums = 3 }))
    assert.equal("cell must be an integer from 160 to 1024, got 10",
      refusal(draw, photos, { cell = 10 }))
    assert.equal("title must be a string, got 5", refusal(draw, photos, { title = 5 }))
  end)
end)

describe("plain text", function()
  it("drops accents and control characters", function()
    assert.equal("Grosse Ecole 'x' - ???", plain_text.fold "Größe\tÉcole\n‘x’ – 日本語")
    assert.equal("a?b", plain_text.fold "a\xffb")
  end)

  it("is shortened in its middle", function()
    assert.equal("short", plain_text.shorten("short", 5))
    assert.equal("IMG_2...jpg", plain_text.shorten("IMG_20260701.jpg", 11))
  end)

  it("is broken at blanks, and in words that are too long", function()
    assert.same({ "one two", "three" }, plain_text.wrap("one two three", 8, 3))
    assert.same({ "abcdefgh", "ij" }, plain_text.wrap("abcdefghij", 8, 3))
    assert.same({ "one", "two.." }, plain_text.wrap("one two three", 6, 2))
    assert.same({}, plain_text.wrap("  ", 8, 2))
  end)
end)
