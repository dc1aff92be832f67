-- prepare and check: photos on the disk, without a service.

local cli = require "support.cli"
local files = require "support.files"
local image = require "novita.image"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

local JXL = "\xff\x0a"

describe("photos", function()
  local folder
  before_each(function()
    folder = cli.folder()
    cli.photos(folder .. "/anna", 3)
  end)
  after_each(function()
    cli.remove(folder)
  end)

  local function prepare(...)
    return cli.run { "prepare", folder .. "/anna", "--out", folder .. "/ready", ... }
  end

  describe("prepare", function()
    it("writes the photos as they would be uploaded", function()
      local done = prepare("--size", "256", "--format", "webp")
      assert.equal(0, done.status, done.err)
      has(done.out, "3 of 3 photos are ready")
      for i = 1, 3 do
        local path = ("%s/ready/photo%d.webp"):format(folder, i)
        local facts = assert(image.probe { path = path })
        assert.same({ 256, 256, "webp" }, { facts.width, facts.height, facts.format })
      end
    end)

    it("continues after a photo that cannot be used, and exits with 1", function()
      cli.write(folder .. "/anna/a.jpg", "not a photo")
      local done = prepare "--json"
      assert.equal(1, done.status)
      assert.equal(1, done.json.failed)
      assert.equal(4, #done.json.photos)
      has(done.err, "a.jpg")
    end)

    it("says which files of a folder are left out", function()
      cli.write(folder .. "/anna/IMG_1.JXL", JXL)
      local done = prepare()
      assert.equal(0, done.status, done.err)
      has(done.out, "1 file is left out: IMG_1.JXL (JPEG XL image: export as JPEG)\n3 of 3 photos "
        .. "are")
      local path = folder .. "/anna/IMG_1.JXL"
      assert.same({ { path = path, reason = "JPEG XL image: export as JPEG" } },
        prepare("--force", "--json").json.skipped)
      os.execute("rm " .. folder .. "/anna/*.png")
      has(prepare().err, "/anna has no photos (JPEG, PNG, WebP, HEIC or AVIF); 1 file is left "
        .. "out: IMG_1.JXL")
    end)

    it("takes captions along", function()
      cli.write(folder .. "/anna/photo1.TXT", "ohwx in the snow \r\n")
      cli.write(folder .. "/anna/photo2.txt", "\xFF\xFEo\0")
      local done = prepare()
      assert.equal(0, done.status, done.err)
      local file <close> = assert(io.open(folder .. "/ready/photo1.txt"))
      assert.equal("ohwx in the snow\n", file:read "a")
      has(done.err, "warning: " .. folder .. "/anna/photo2.txt is UTF-16: save it as UTF-8\n")
      assert.is_nil(done.out:find("photo1.TXT", 1, true))
      os.execute("rm " .. folder .. "/ready/*.jpg")
      has(prepare().err, "photo1.txt exists already: use another --out, or --force")
    end)

    it("takes the part of the photos that --crop and crops.txt name", function()
      cli.write(folder .. "/anna/crops.txt", "photo2.png: 8,4,40,40\n")
      local photos = prepare("--size", "32", "--crop", "0,0,16,16", "--json").json.photos
      assert.same({ x = 0, y = 0, width = 16, height = 16, choice = "box" }, photos[1].crop)
      assert.same({ x = 8, y = 4, width = 40, height = 40, choice = "box" }, photos[2].crop)
      local done = prepare("--crop", "left")
      assert.equal(2, done.status)
      has(done.err, "--crop must be auto, center, face, top or X,Y,WIDTH,HEIGHT, got")
    end)

    it("replaces files only with --force", function()
      assert.equal(0, prepare().status)
      assert.equal(2, prepare().status)
      assert.equal(0, prepare("--force").status)
    end)

    it("gives photos with the same name different names, and lists them in order", function()
      cli.photos(folder .. "/ben", 1)
      cli.write(folder .. "/anna/a.jpg", files.read "fixtures/faces/astronaut.jpg") -- takes longest
      local done = cli.run { "prepare", folder .. "/anna", folder .. "/ben", "--out",
        folder .. "/ready", "--json" }
      assert.equal(0, done.status)
      assert.truthy(image.probe { path = folder .. "/ready/photo1.jpg" })
      assert.truthy(image.probe { path = folder .. "/ready/photo1-2.jpg" })
      assert.equal(folder .. "/anna/a.jpg", done.json.photos[1].path)
    end)

    it("makes names printable", function()
      cli.write(folder .. "/anna/\27]0;owned\7.jpg", "not a photo")
      local done = prepare()
      assert.is_nil((done.err .. done.out):find "[\27\7]")
      has(done.err, "\\x1B]0;owned\\x07")
    end)
  end)

  describe("check", function()
    it("says which files of a folder are left out", function()
      cli.write(folder .. "/anna/IMG_1.JXL", JXL)
      local done = cli.run { "check", folder .. "/anna" }
      assert.equal(0, done.status, done.err)
      has(done.out, "\n  1 file is left out: IMG_1.JXL (JPEG XL image: export as JPEG)\n")
      local path = folder .. "/anna/IMG_1.JXL"
      assert.same({ { path = path, reason = "JPEG XL image: export as JPEG" } },
        cli.run({ "check", folder .. "/anna", "--json" }).json.sets[1].skipped)
    end)

    it("names the problems", function()
      local done = cli.run { "check", folder .. "/anna" }
      assert.equal(0, done.status, done.err)
      has(done.out, "photo1.png is too small")
      has(done.out, "there are only 3 photos")
    end)

    it("says how the photos are cropped", function()
      cli.write(folder .. "/anna/crops.txt", "photo2.png: 8,4,40,40\n")
      local words = { "check", folder .. "/anna", "--crop", "top" }
      has(cli.run(words).out, "\n  crops: 2 top, 1 box (photo2.png)\n")
      words[#words + 1] = "--json"
      local set = cli.run(words).json.sets[1]
      assert.same({ x = 8, y = 0, width = 48, height = 48, choice = "top" }, set.photos[1].crop)
      assert.same({ "crops: 2 top, 1 box (photo2.png)" }, set.notes)
      cli.write(folder .. "/anna/crops.txt", "photo9.png: top\n")
      local failed = cli.run(words)
      assert.equal(1, failed.status)
      has(failed.err, "crops.txt: photo9.png matches none of the 3 photos")
    end)

    it("looks for faces in the photos of a subject, but not in those of a style", function()
      cli.write(folder .. "/anna/face.jpg", files.read "fixtures/faces/astronaut.jpg")
      local function photo(kind)
        local done = cli.run { "check", folder .. "/anna", "--task-type", kind, "--json" }
        local first = done.json.sets[1].photos[1]
        assert.equal("face.jpg", first.name)
        return first
      end
      assert.equal(1, #photo("subject").faces)
      local plain = photo "style"
      assert.is_nil(plain.faces)
      assert.equal("center", plain.crop.choice)
    end)

    it("compares captions with the prompt", function()
      cli.write(folder .. "/anna/photo1.txt", "a woman in the snow")
      cli.write(folder .. "/anna/photo2.txt", "ohwx woman in the snow")
      local done = cli.run { "check", folder .. "/anna", "--captions", "files", "--prompt",
        "a photo of ohwx woman" }
      has(done.out, "photo1.png has a caption without ohwx, the word of the prompt\n")
      has(done.out, "photo3.png has no caption, but others have\n")
      assert.is_nil(done.out:find("photo2.png has a caption", 1, true))
    end)

    it("fails with --strict", function()
      local done = cli.run { "check", folder .. "/anna", "--strict", "--json" }
      assert.equal(1, done.status)
      local codes = {}
      for _, found in ipairs(done.json.sets[1].problems) do
        codes[found.code] = true
      end
      assert.is_true(codes.too_small and codes.too_few)
    end)

    it("fails if a photo cannot be used", function()
      cli.write(folder .. "/anna/a.jpg", "not a photo")
      assert.equal(1, cli.run({ "check", folder .. "/anna" }).status)
    end)

    it("saves the contact sheet", function()
      local sheet = folder .. "/sheet.jpg"
      assert.equal(0, cli.run({ "check", folder .. "/anna", "--sheet", sheet }).status)
      assert.equal("jpeg", assert(image.probe { path = sheet }).format)
      local photo = folder .. "/anna/photo1.png"
      local again = cli.run { "check", folder .. "/anna", "--sheet", sheet }
      has(again.out, "\nwrote " .. sheet .. "\n")
      local refused = cli.run { "check", folder .. "/anna", "--sheet", photo }
      assert.same({ 2, "error: --sheet: " .. photo .. " is one of the photos\n" },
        { refused.status, refused.err })
      sheet = folder .. "/anna/sheet.jpg"
      refused = cli.run { "check", folder .. "/anna", "--sheet", sheet }
      assert.same({ 2, "error: --sheet: " .. sheet .. " would be one more photo in its folder: "
        .. "write it elsewhere\n" }, { refused.status, refused.err })
    end)

    it("reports a missing folder", function()
      local failed = cli.run { "check", folder .. "/missing" }
      assert.equal(1, failed.status)
      has(failed.err, "missing is missing")
    end)
  end)
end)
