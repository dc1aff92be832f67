-- Nothing of a folder is left out in silence: each file that is not used has its reason.

local co = require "support.coroutines"
local core = require("novita.core").image
local dataset = require "novita.dataset"
local emulator = require "novita.emulator"
local fixtures = require "support.fixtures"
local generated_file = require "novita.dataset.generated_file"
local left_out = require "novita.dataset.left_out"
local lfs = require "lfs"
local model_names = require "novita.batch.models.names"

local folder, jpeg
setup(function()
  jpeg = fixtures.photo()
end)

before_each(function()
  folder = os.tmpname()
  os.remove(folder)
  assert(lfs.mkdir(folder))
end)

after_each(function()
  os.execute("rm -rf " .. folder)
end)

local HEIC = "\0\0\0\x18ftypheic\0\0\0\0mif1heic"
local JXL = "\xff\x0a"
local FILM = "\0\0\0\x14ftypqt  \0\0\0\0qt  "

local function write(name, contents)
  local inner = name:match "^(.*)/"
  if inner then
    lfs.mkdir(folder .. "/" .. inner)
  end
  fixtures.write(folder .. "/" .. name, contents)
end

-- The names of the photos, and each other file with its reason, without the folder.
local function sorted_out(options)
  local found = assert(dataset(folder, options))
  local names, reasons = {}, {}
  for i, photo in ipairs(found) do
    names[i] = photo.name
  end
  for _, file in ipairs(found.skipped) do
    reasons[file.path:sub(#folder + 2)] = file.reason
  end
  return names, reasons
end

it("a generated image is no photo", function()
  local uuid = "beb6463d-6695-4630-9718-4a56b8271902"
  local photos = { "anna-5e6f708192a3.jpg", "anna-202311281234-1.jpg", uuid .. "-1.jpg" }
  local sample = generated_file.path(model_names.stem(folder, "anna", "task"), 12, "png")
  local generated = { "novita-" .. uuid .. "-1.jpg", sample:match "[^/]*$" }
  for _, names in ipairs { photos, generated } do
    for _, name in ipairs(names) do
      write(name, jpeg)
    end
  end
  local names, reasons = sorted_out()
  assert.same(photos, names)
  for _, name in ipairs(generated) do
    assert.equal("generated image: rename it to use it", reasons[name])
  end
end)

describe("a journal among the photos", function()
  local function runner_elsewhere()
    local code = ('print(require("novita.batch.journal").open("%s/run.db") == nil)'):format(folder)
    return fixtures.program(code)
  end

  it("is not reported, and keeps the locks of its runner", function()
    write("a.jpg", jpeg)
    local journal = assert(require("novita.batch.journal").open(folder .. "/run.db"))
    local names, reasons = sorted_out()
    assert.same({ "a.jpg" }, names)
    assert.same({}, reasons)
    assert.equal("true\n", (runner_elsewhere()))
    journal:close()
    assert.same({ { "a.jpg" }, {} }, { sorted_out() })
  end)

  it("of another program is reported", function()
    write("a.jpg", jpeg)
    write("other.db", "SQLite format 3\0" .. ("\0"):rep(500))
    assert.same({ ["other.db"] = "not a photo" }, select(2, sorted_out()))
  end)
end)

describe("the files of a folder", function()
  it("are photos by their first bytes, whatever their names", function()
    for _, name in ipairs { "a.jfif", "b.jpe", "c", "d.HEIC", "e.JPG" } do
      write(name, jpeg)
    end
    write("f.dat", "\x89PNG\r\n\x1a\n")
    write("g.dat", "RIFF\4\0\0\0WEBPVP8 ")
    local names, reasons = sorted_out()
    assert.same({ "a.jfif", "b.jpe", "c", "d.HEIC", "e.JPG", "f.dat", "g.dat" }, names)
    assert.same({}, reasons)
  end)

  it("that an iPhone exports beside its photos are named", function()
    write("IMG_0001.JPG", jpeg)
    write("IMG_0001.MOV", FILM)
    write("IMG_0002.HEIC", HEIC)
    write("IMG_0002.mov", FILM)
    write("IMG_0003.JPG", jpeg)
    write("IMG_0003.AAE", "<?xml version=\"1.0\"?>")
    write("IMG_E0003.JPG", jpeg)
    write("IMG_0004.MOV", FILM)
    write("IMG_0005.HEIC", HEIC)
    write("IMG_0005.jpg", jpeg)
    write("Privat/IMG_0006.JPG", jpeg)
    local names, reasons = sorted_out()
    local expected, why = { "IMG_0001.JPG", "IMG_0005.jpg", "IMG_E0003.JPG" }, nil
    if core.sniff(HEIC) then
      table.insert(expected, 2, "IMG_0002.HEIC")
    else
      why = "HEIC: install libheif, or export as JPEG"
    end
    assert.same(expected, names)
    assert.same({
      ["IMG_0001.MOV"] = "film of a Live Photo",
      ["IMG_0002.HEIC"] = why,
      ["IMG_0002.mov"] = "film of a Live Photo",
      ["IMG_0003.JPG"] = "original of an edited photo that is used",
      ["IMG_0003.AAE"] = "edits of an iPhone photo",
      ["IMG_0004.MOV"] = "not a photo: a video",
      ["IMG_0005.HEIC"] = "another format of a photo that is used",
      ["Privat/"] = "subfolder",
    }, reasons)
  end)

  it("of other kinds are named, and read only at their beginning", function()
    write("a.jpg", jpeg)
    write("b.gif", "GIF89a")
    write("b.cr2", "II*\0")
    write("b.pdf", "%PDF-1.7")
    write("b.xmp", "<x:xmpmeta>")
    write("b.empty", "")
    write("a.jpg~", jpeg)
    write("a.jpg_original", jpeg)
    write("c.jpg.part", jpeg)
    assert(os.execute("mkfifo " .. folder .. "/pipe && truncate -s 1T " .. folder .. "/huge"))
    assert(lfs.link("nowhere", folder .. "/link", true))
    local names, reasons = sorted_out()
    assert.same({ "a.jpg" }, names)
    assert.same({
      ["b.gif"] = "GIF image: export as JPEG",
      ["b.cr2"] = "TIFF or raw camera image: export as JPEG",
      ["b.pdf"] = "not a photo: a PDF document",
      ["b.xmp"] = "edits of a photo",
      ["b.empty"] = "empty",
      ["a.jpg~"] = "copy of a file",
      ["a.jpg_original"] = "copy of a file",
      ["c.jpg.part"] = "incomplete download",
      pipe = "not a photo: a named pipe",
      huge = "not a photo",
      link = "cannot be read",
    }, reasons)
  end)

  it("may be captions, which are used only if the option says so", function()
    write("a.jpg", jpeg)
    write("a.txt", "a caption")
    write("b.txt", "no photo")
    local stray = "not the caption of a photo"
    assert.same({ ["a.txt"] = 'captions are used only with --captions files, in Lua captions = '
      .. '"files"', ["b.txt"] = stray }, select(2, sorted_out()))
    assert.same({ ["b.txt"] = stray }, select(2, sorted_out { captions = "files" }))
  end)

  it("that are named as photos are refused by name, not left out", function()
    write("a.jpg", HEIC)
    write("b.jpg", jpeg)
    assert.same({ "a.jpg", "b.jpg" }, (sorted_out()))
  end)
end)

describe("a folder without usable photos", function()
  local function message()
    local found, err = dataset(folder)
    assert.is_nil(found)
    assert.equal("empty", err.code)
    return (tostring(err):gsub("^.-has no", "has no"))
  end

  it("names a folder that has some", function()
    write("anna/1.jpg", jpeg)
    write("notes.md", "x")
    assert.equal("has no photos (JPEG, PNG, WebP, HEIC or AVIF); 1 file and 1 subfolder are left "
      .. "out: anna/ (subfolder); notes.md (not a photo); give a folder with photos, such as "
      .. folder .. "/anna/", message())
  end)
end)

describe("the line about files that are left out", function()
  it("groups them by reason and shows three names of each", function()
    local skipped = {}
    for i = 1, 4 do
      skipped[i] = { path = ("p/IMG_%d.JXL"):format(i), reason = "JPEG XL image: export as JPEG" }
    end
    skipped[5] = { path = "p/a\nb", reason = "not a photo" }
    assert.equal("5 files are left out: IMG_1.JXL, IMG_2.JXL, IMG_3.JXL and 1 more "
      .. '(JPEG XL image: export as JPEG); "a\\nb" (not a photo)', left_out.line(skipped))
    assert.equal("1 file is left out: x (empty)",
      left_out.line { { path = "x", reason = "empty" } })
    assert.is_nil(left_out.line {})
  end)

  it("is the last one of a report", function()
    write("a.jpg", jpeg)
    write("IMG_1.JXL", JXL)
    local text = tostring(assert(dataset(folder)):check())
    assert.equal("1 file is left out: IMG_1.JXL (JPEG XL image: export as JPEG)",
      text:match "[^\n]*$")
    assert.equal("1 photo, ", text:match "^1 photo, ")
  end)
end)

describe("a client", function()
  it("warns of files that a folder's training or upload leaves out", function()
    write("a.jpg", jpeg)
    write("IMG_1.JXL", JXL)
    local service <close> = assert(emulator.start { speed = 100 })
    local logged = {}
    local function new_client()
      return service:client { log = function(level, text)
        logged[#logged + 1] = level .. ": " .. text
      end }
    end
    local line = ("warning: %s: 1 file is left out: IMG_1.JXL (JPEG XL image: export as JPEG)")
      :format(folder)
    local client <close> = new_client()
    local other <close> = new_client()
    local function train(images)
      return client:train { task_type = "subject", name = "a", size = 512, images = images,
        base_model = "v1-5-pruned-emaonly", instance_prompt = "x" }
    end
    co.run(function()
      assert(train(folder))
      assert.same({ line }, logged)
      assert(client:upload(folder):wait()) -- says it once
      assert(other:upload(folder):wait())
      assert.same({ line, line }, logged)
      train(assert(dataset(folder)))
      assert.is_nil(logged[3])
    end)
  end)
end)
