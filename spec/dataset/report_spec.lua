local co = require "support.coroutines"
local files = require "support.files"
local novita = require "novita"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local refusal = require "support.refusal"
local set = require "novita.dataset.set"

local PHOTOS <const> = "examples/photos/"
local names = { "bridge.jpg", "brushes.jpg", "dandelions.webp", "dogs.jpg", "dragonfly.jpg",
  "drum.jpg", "fig.png", "lamp-bird.jpg", "mountain-meadow.jpg", "mountain-path.jpg",
  "nuthatch.jpg", "stream.jpg", "sunset.jpg" }

local function photo(name)
  return { name = name, path = PHOTOS .. name }
end

-- a photo made worse by a function of an image
local function worse(name, change)
  local p <close> = assert(image.decode({ path = PHOTOS .. name }, { channels = 3 }))
  local small <close> = assert(p:resize { size = 512 })
  local changed <close> = change(small)
  return { name = "worse-" .. name, bytes = assert(changed:encode { format = "png", effort = 1 }) }
end

local function blurred(p)
  local small <close> = assert(p:resize { size = 96, filter = "area" })
  return assert(small:resize { size = 512, filter = "mitchell" })
end

-- with 'factor' times the light
local function exposed(factor)
  local map = {}
  for i = 0, 255 do
    local v = 255 * ((i / 255) ^ 2.2 * factor) ^ (1 / 2.2)
    map[string.char(i)] = string.char(math.min(255, math.floor(v + 0.5)))
  end
  return function(p)
    return assert(Canvas.new(p.width, p.height, 3, (p:bytes():gsub(".", map))))
  end
end

local function check(items, options)
  local list = {}
  for i, item in ipairs(items) do
    list[i] = item
  end
  return set.new(list):check(options)
end

local loose = { max_aspect_spread = 100, min_count = 0, max_crop = 1 }

local function codes(report)
  local list = {}
  for i, found in ipairs(report.problems) do
    list[i] = found.code
  end
  return list
end

-- The problems of the report's text: without its first line, and the notes on crops at its end.
local function texts(report)
  local text, notes = tostring(report):gsub("^[^\n]*\n?", ""), table.concat(report.notes, "\n")
  return notes == "" and text or (text:sub(1, -#notes - 1):gsub("\n$", ""))
end

describe("a report", function()
  it("finds nothing wrong with sharp, well-lit and different photos", function()
    local items = {}
    for i, name in ipairs(names) do
      items[i] = photo(name)
    end
    local report = check(items, loose)
    assert.equal("13 photos, 0 problems", tostring(report):match "^[^\n]*")
    assert.equal("", texts(report))
    assert.is_true(report.ok)
    assert.equal("dogs.jpg", report.photos[4].name)
    assert.equal(512, report.photos[4].facts.width)
  end)

  it("finds every one of them when it is blurred", function()
    local items = {}
    for i, name in ipairs(names) do
      items[i] = worse(name, blurred)
    end
    local report = check(items, loose)
    local expected = {}
    for i = 1, #names do
      expected[i] = "blurred"
    end
    assert.same(expected, codes(report))
    assert.truthy(report.problems[1].text:find(
      "^worse%-bridge.jpg is blurred: its sharpness is %d+, sharp photos have 50 and more$"))
  end)

  it("finds photos that are dark or over-exposed, and says so with figures", function()
    local report = check({
      worse("dragonfly.jpg", exposed(0.1)), worse("stream.jpg", exposed(0.06)),
      worse("nuthatch.jpg", exposed(4)), worse("bridge.jpg", exposed(4)),
    }, { max_aspect_spread = 100, min_count = 0, min_sharpness = 0 })
    assert.same({ "dark", "dark", "over_exposed", "over_exposed" }, codes(report))
    assert.truthy(report.problems[1].text:find(
      "^worse%-dragonfly.jpg is dark: its mean brightness is %d+ %%, below 20 %%$"))
    assert.truthy(report.problems[3].text:find(
      "^worse%-nuthatch.jpg is over%-exposed: %d+ %% of it are white, above 35 %%$"))
    assert.truthy(report.problems[4].text:find "mean brightness is 9%d %%, above 85 %%$")
  end)

  it("finds a photo that is mostly black although it is not dark on the whole", function()
    local p = assert(Canvas.new(512, 512, 3))
    p:fill(0, 0, 512, 200, 250, 250, 240)
    for i = 0, 60 do
      p:fill(i * 8, 0, 4, 200, 90, 90, 90)
    end
    local report = check({ { name = "half", bytes = p:encode {} } }, loose)
    assert.same({ "dark" }, codes(report))
    assert.truthy(report.problems[1].reason:find "of it are black, above 50 %%$")
  end)

  it("keeps only facts if the prepared photos are not wanted", function()
    local found = assert(novita.dataset { PHOTOS .. "dogs.jpg" })
    found:check()
    local kept = found[1].facts
    assert.equal("string", type(kept.bytes))
    local plain = assert(novita.dataset { PHOTOS .. "dogs.jpg" })
    plain:check { keep = false }
    assert.is_nil(plain[1].facts.bytes)
    assert.equal(kept.sharpness, plain[1].facts.sharpness)
    assert(plain:contact_sheet()) -- which shows them
    assert.equal(kept.bytes, plain[1].facts.bytes)
  end)

  -- Rows, planes, a photo that is turned, and parts around faces: nothing of it is encoded.
  it("finds the same without the prepared photos", function()
    local jpeg = files.read "../examples/photos/dogs.jpg"
    local sources = { { path = PHOTOS .. "dogs.jpg" }, { path = PHOTOS .. "fig.png" },
      { bytes = files.jpeg_with_exif(jpeg, files.exif(6)) },
      { path = "examples/portraits/astronaut.jpg" } }
    for _, format in ipairs { "jpeg", "png", "webp" } do
      local function facts_of(keep)
        local list = {}
        local report = assert(novita.dataset(sources)):check { keep = keep,
          prompt = "a photo of ohwx person", prepare = { size = 64, format = format } }
        for i, item in ipairs(report.photos) do
          assert.equal(keep, item.facts.bytes ~= nil)
          list[i], item.facts.bytes = item.facts, nil
        end
        return list, tostring(report)
      end
      local kept, text = facts_of(true)
      assert.same({ kept, text }, { facts_of(false) })
    end
  end)

  it("finds photos that are too small for the training", function()
    local p = assert(image.decode { path = PHOTOS .. "stream.jpg" })
    local small = assert(p:resize { width = 320, height = 240 }):encode {}
    local report = check({ { name = "a.jpg", bytes = small } }, loose)
    assert.equal("a.jpg is too small: 320 x 240 pixels are enlarged 2.13 times to 512 x 512",
      texts(report))
    local fits = { prepare = { size = 240 }, min_count = 0 }
    assert.is_true(check({ { bytes = small } }, fits).ok)
  end)

  it("finds near-duplicates, and names the first one", function()
    local dogs = photo "dogs.jpg"
    local again = assert(image.prepare({ path = dogs.path }, { size = 600, quality = 60 }))
    local report = check({ photo "drum.jpg", dogs, photo "stream.jpg",
      { name = "copy", bytes = again.bytes } }, loose)
    assert.same({ "near_duplicate" }, codes(report))
    assert.equal(4, report.problems[1].index)
    assert.truthy(texts(report):find "^copy is nearly identical to dogs.jpg: %d of 64 bits differ$")
    assert.equal(report.problems[1], report.photos[4].problems[1])
  end)

  it("counts the bits that differ", function()
    local function like(dhash)
      return { name = dhash, facts = { dhash = dhash, scale = 1, sharpness = 99, brightness = 0.5,
        dark = 0, bright = 0, width = 9, height = 9, source_width = 9, source_height = 9 } }
    end
    local report = check({ like "ffffffffffffffff", like "ffffffffffffff81",
      like "ffffffffffffff80" }, loose)
    assert.same({ "ffffffffffffff81 is nearly identical to ffffffffffffffff: 6 of 64 bits differ",
      "ffffffffffffff80 is nearly identical to ffffffffffffff81: 1 of 64 bits differ" },
      { report.problems[1].text, report.problems[2].text })
  end)

  it("finds mixed proportions, too few and too many", function()
    local square = { name = "square.png", bytes = assert(Canvas.new(600, 600, 3):encode {
      format = "png", effort = 1 }) }
    local plain = { max_crop = 1, min_sharpness = 0, min_brightness = 0, max_dark = 1 }
    local report = check({ photo "bridge.jpg", square }, plain)
    assert.same({ "mixed_aspect", "too_few" }, codes(report))
    assert.equal("the photos have mixed proportions, from bridge.jpg (1600 x 900) to square.png "
      .. "(600 x 600): each is cropped automatically, and some lose a large part\n"
      .. "there are only 2 photos: that can be trained, but 10 or more give a better model",
      texts(report))
    plain.min_count, plain.prepare = 0, { width = 512, height = 512, fit = "inside" }
    report = check({ photo "bridge.jpg", square }, plain)
    assert.equal("the photos have mixed proportions, from bridge.jpg (1600 x 900) to square.png "
      .. "(600 x 600)", texts(report))
    report = check({ photo "bridge.jpg", photo "dogs.jpg" },
      { max_count = 1, min_count = 0, max_aspect_spread = 100, max_crop = 1 })
    assert.equal("there are 2 photos: take 1 at most", texts(report))
  end)

  it("says nothing about portrait and landscape: each loses the same part", function()
    local report = check({ photo "bridge.jpg", photo "dogs.jpg" }, { min_count = 0, max_crop = 1 })
    assert.same({}, codes(report))
  end)

  it("continues after a file that cannot be used", function()
    local report = check({ { name = "notes.jpg", bytes = "hello, world" },
      photo "missing.jpg", photo "dogs.jpg" }, loose)
    assert.same({ "unusable", "unusable" }, codes(report))
    assert.equal("notes.jpg cannot be used: it is text, not an image: give a JPEG, PNG or WebP "
      .. "file\nmissing.jpg cannot be used: it does not exist: check the path", texts(report))
    assert.truthy(report.photos[3].facts)
  end)

  it("keeps its work: another check, and the training, prepare nothing again", function()
    local found = assert(novita.dataset(PHOTOS:sub(1, -2)))
    local report = found:check(loose)
    assert.equal(found, report.photos)
    local facts = found[4].facts
    found:check { prepare = { width = 512, height = 512 } }
    assert.equal(facts, found[4].facts)
    found:check { prepare = { size = 64 } }
    assert.equal(64, found[4].facts.width)
  end)

  it("prepares a file again that has changed since", function()
    local path = os.tmpname() .. ".png"
    local function write(size)
      local file = assert(io.open(path, "wb"))
      file:write(assert(Canvas.new(size, size, 3)):encode { format = "png" })
      file:close()
    end
    write(100)
    local found = assert(novita.dataset { path })
    found:check(loose)
    write(200)
    found:check(loose)
    os.remove(path)
    assert.equal(200, found[1].facts.source_width)
  end)

  it("does not prepare images that are uploaded already", function()
    local found = assert(novita.dataset { { assets_id = "1" }, PHOTOS .. "dogs.jpg" })
    assert.is_true(found:check(loose).ok)
    assert.is_nil(found[1].facts)
    local _, err = found:buckets()
    assert.equal("uploaded", err.code)
  end)

  it("refuses what it does not know", function()
    local found = assert(novita.dataset(PHOTOS:sub(1, -2)))
    for text, options in pairs {
      ["sharpness is not an option of a check: did you mean min_sharpness?"] = { sharpness = 1 },
      ['min_sharpness must be a number >= 0, got "low"'] = { min_sharpness = "low" },
    } do
      assert.equal(text, refusal(found.check, found, options))
    end
    assert.truthy(refusal(found.check, found, { prepare = { size = 0 } })
      :find("size must be an integer from 1 to 65500, got 0", 1, true))
    assert.truthy(refusal(found.contact_sheet, found, { check = { prepare = { size = 0 } } })
      :find("size must be an integer from 1 to 65500, got 0", 1, true))
    assert.equal("keep must be a function, got 5", refusal(found.filter, found, 5))
  end)
end)

describe("a filter", function()
  it("keeps the photos that a function wants, and says which were left out", function()
    local found = assert(novita.dataset(PHOTOS:sub(1, -2)))
    found:check { min_sharpness = 1000 }
    local sharp = found:filter(function(item) return #item.problems == 0 end)
    assert.is_true(#sharp > 0 and #sharp < #found)
    assert.equal(#found, 13)
    assert.equal(#found.skipped + #found - #sharp, #sharp.skipped)
    assert.equal("left out by a filter", sharp.skipped[#sharp.skipped].reason)
    assert.equal(found.folder, sharp.folder)
    assert.equal("dogs.jpg", found:filter(function(_, i) return i == 4 end)[1].name)
  end)

  it("gives a set whose checks leave the first one as it is", function()
    local found = assert(novita.dataset(PHOTOS:sub(1, -2)))
    found:check { min_sharpness = 1e9, prepare = { size = 32 } }
    local before = #found[1].problems
    assert.is_true(before > 0)
    local one = found:filter(function(_, i) return i == 1 end)
    assert.equal(before, #one[1].problems)
    one:check { min_sharpness = 0, max_scale = 100, min_count = 1, prepare = { size = 32 } }
    assert.is_true(#one[1].problems < before)
    assert.equal(before, #found[1].problems)
  end)
end)

describe("a crop", function()
  local source = { path = PHOTOS .. "dogs.jpg" } -- 1065 x 1600

  local function pixels(crop)
    local facts = assert(novita.image.prepare(source, { width = 100, height = 100, crop = crop,
      format = "png" }))
    return facts.bytes
  end

  it("may be the centre, which it is anyhow", function()
    assert.is_true(pixels(nil) == pixels "center")
    assert.truthy(image.prepare(source, { size = 64, crop = "center" }))
  end)

  it("may be a function of the photo's facts", function()
    local seen
    local bytes = pixels(function(facts)
      seen = facts
      return { x = 10, y = 20, width = facts.width - 100, height = facts.height - 700 }
    end)
    assert.same({ "jpeg", 1065, 1600, 6, source.path },
      { seen.format, seen.width, seen.height, seen.orientation, seen.path })
    assert.is_true(bytes == pixels { x = 10, y = 20, width = 965, height = 900 })
    assert.is_true(pixels(function() end) == pixels(nil))
    assert.is_true(pixels(function() return "center" end) == pixels(nil))
  end)

  it("is asked for once per photo, and may wait", function()
    local asked = 0
    co.run(function()
      local group <close> = co.group {}
      for _ = 1, 6 do
        group:spawn(function()
          assert(novita.image.prepare(source, { size = 32, crop = function()
            asked = asked + 1
            co.sleep(0.001)
            return { x = 0, y = 0, width = 500, height = 500 }
          end }))
        end)
      end
    end)
    assert.equal(6, asked)
  end)

  it("outside of the photo is an error of that photo", function()
    local facts, err = novita.image.prepare(source, { crop = function()
      return { x = 1000, y = 0, width = 500, height = 500 }
    end })
    assert.is_nil(facts)
    assert.same({ "image", "crop" }, { err.kind, err.code })
  end)

  it("whose function raises is an error of that photo", function()
    for raised, text in pairs { boom = ":%d+: boom$", [5] = ": 5$" } do
      local facts, err = novita.image.prepare(source, { crop = function() error(raised) end })
      assert.is_nil(facts)
      assert.same({ "image", "crop" }, { err.kind, err.code })
      assert.matches("the crop function raised an error: .*" .. text:gsub("^: ", ""), tostring(err))
    end
  end)

  it("is not asked for where the file is no image", function()
    local facts, err = novita.image.prepare("no image", { crop = function()
      error "asked"
    end })
    assert.is_nil(facts)
    assert.equal("not_an_image", err.code)
  end)

  it("is asked for where a file is damaged, as leniently as it is prepared", function()
    local p = assert(Canvas.new(20, 10, 3))
    local png = assert(p:encode { format = "png" })
    local damaged = png:sub(1, 29) .. "\0\0\0\0" .. png:sub(34) -- the header's checksum
    local function crop(facts)
      return { x = 0, y = 0, width = facts.width, height = 5 }
    end
    local facts = assert(novita.image.prepare(damaged, { lenient = true, crop = crop }))
    assert.same({ 20, 5, true }, { facts.width, facts.height, facts.truncated })
    local _, err = novita.image.prepare(damaged, { crop = crop })
    assert.equal("corrupt", err.code)
  end)

  it("that is something else is refused", function()
    local ok, message = pcall(novita.image.prepare, source, { crop = function() return 5 end })
    assert.is_false(ok)
    assert.equal('the result of the crop function must be "auto", "center", "face", "top", a table '
      .. '{ x =, y =, width =, height = } or "X,Y,W,H", or nil, got 5', message)
  end)
end)

describe("buckets", function()
  local function buckets(sizes, options)
    local list = {}
    for i, size in ipairs(sizes) do
      list[i] = { name = "p", facts = { source_width = size.width, source_height = size.height } }
    end
    return set.new(list):buckets(options)
  end

  local function sizes(arranged)
    local list = {}
    for i, bucket in ipairs(arranged.buckets) do
      list[i] = ("%dx%d"):format(bucket.width, bucket.height)
    end
    return table.concat(list, " ")
  end

  it("are kohya's for 512 x 512", function()
    assert.equal("256x832 256x896 256x960 256x1024 320x704 320x768 384x640 448x576 512x512 "
      .. "576x448 640x384 704x320 768x320 832x256 896x256 960x256 1024x256",
      sizes(buckets({}, { width = 512 })))
  end)

  it("are multiples of the step, none larger than the area, both ways round", function()
    for _, o in ipairs { { width = 512 }, { width = 1024, max = 2048 }, { width = 768,
      height = 512, step = 32 }, { width = 640, step = 8, min = 128, max = 960 } } do
      local arranged = buckets({}, o)
      local seen = {}
      for _, b in ipairs(arranged.buckets) do
        local step = o.step or 64
        assert.equal(0, b.width % step + b.height % step)
        assert.is_true(b.width * b.height <= o.width * (o.height or o.width))
        seen[b.width .. "x" .. b.height] = true
      end
      for _, b in ipairs(arranged.buckets) do
        assert.is_true(seen[b.height .. "x" .. b.width])
      end
    end
  end)

  it("take each photo by its proportions, or by its very size", function()
    local arranged = buckets({
      { width = 3000, height = 3000 }, { width = 4000, height = 3000 },
      { width = 1080, height = 1920 }, { width = 1024, height = 256 },
      { width = 100, height = 900 },
    }, { width = 512 })
    local of = {}
    for i, b in ipairs(arranged.of) do
      of[i] = ("%dx%d"):format(b.width, b.height)
    end
    assert.same({ "512x512", "576x448", "384x640", "1024x256", "256x1024" }, of)
    assert.same({ 1 }, arranged.of[1].members)
  end)

  it("refuse what makes no sense", function()
    local found = set.new {}
    assert.equal("min must be a multiple of step (64), got 300",
      refusal(found.buckets, found, { min = 300 }))
    assert.equal("min must be <= max (128), got 256",
      refusal(found.buckets, found, { max = 128 }))
    assert.equal("width must be an integer from 1 to 8192, got 0",
      refusal(found.buckets, found, { width = 0 }))
  end)

  it("are found from the headers of photos that are not checked", function()
    local found = assert(novita.dataset { PHOTOS .. "dogs.jpg", PHOTOS .. "bridge.jpg" })
    local arranged = assert(found:buckets())
    assert.is_true(arranged.of[1].width < arranged.of[1].height)
    assert.is_true(arranged.of[2].width > arranged.of[2].height)
    assert.is_nil(found[1].facts)
  end)
end)
