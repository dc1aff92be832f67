-- Folders with HEIC photos, from the disk to a training.

local cli = require "support.cli"
local co = require "support.coroutines"
local dataset = require "novita.dataset"
local files = require "support.files"
local fixtures = require "support.fixtures"
local heif = require "support.image.heif"

if not heif.complete then
  print "libheif or one of its decoders is not installed: HEIC and AVIF are not tested"
  return
end

local photo = files.read "fixtures/heif/photo.heic"
local avif = files.read "fixtures/heif/photo.avif"

local function names_of(photos)
  local names = {}
  for i, item in ipairs(photos) do
    names[i] = item.name
  end
  return names
end

describe("the HEIC photos of a folder", function()
  local folder
  before_each(function()
    folder = cli.folder()
    cli.write(folder .. "/IMG_1.HEIC", photo)
    cli.write(folder .. "/IMG_1.txt", "ohwx in a meadow")
    cli.write(folder .. "/IMG_2.HEIC", photo)
    cli.write(folder .. "/IMG_2.JPG", fixtures.photo())
    cli.write(folder .. "/IMG_3", avif)
    cli.write(folder .. "/IMG_E1.HEIC", photo)
  end)
  after_each(function()
    cli.remove(folder)
  end)

  it("are used, but not beside a JPEG of the same name, and once if they were edited", function()
    local photos = assert(dataset(folder))
    assert.same({ "IMG_2.JPG", "IMG_3", "IMG_E1.HEIC" }, names_of(photos))
    local reasons = {}
    for _, file in ipairs(photos.skipped) do
      reasons[file.path:match "[^/]*$"] = file.reason
    end
    assert.same({ ["IMG_1.HEIC"] = "original of an edited photo that is used",
      ["IMG_1.txt"] = "not the caption of a photo",
      ["IMG_2.HEIC"] = "another format of a photo that is used" }, reasons)
  end)

  it("have captions, and are checked and prepared like others", function()
    os.remove(folder .. "/IMG_E1.HEIC")
    local photos = assert(dataset(folder, { captions = "files" }))
    assert.same({ "IMG_1.HEIC", "IMG_2.JPG", "IMG_3" }, names_of(photos))
    assert.equal("ohwx in a meadow", photos[1].caption)
    photos:check { prepare = { size = 32 } }
    assert.same({ "heic", "jpeg", 32 }, { photos[1].facts.source_format, photos[1].facts.format,
      photos[1].facts.width })
    assert.equal("avif", photos[3].facts.source_format)
    local done = cli.run { "prepare", folder, "--size", "32", "--out", folder .. "/ready" }
    assert.equal(0, done.status, done.err)
    for _, name in ipairs { "IMG_1.jpg", "IMG_1.txt", "IMG_2.jpg", "IMG_3.jpg" } do
      local file <close> = assert(io.open(folder .. "/ready/" .. name, "rb"))
      assert.is_true(#file:read "a" > 0)
    end
  end)

  it("are sent prepared, and never as they are", function()
    local service <close> = fixtures.service()
    local client <close> = fixtures.client(service)
    local path = folder .. "/IMG_1.HEIC"
    local refused = "is a HEIC photo, which the service does not take: prepare it, or export it as "
      .. "JPEG, PNG or WebP"
    co.run(function()
      assert(client:train(fixtures.form { path }):wait(30))
      local before = #service:requests()
      for _, result in ipairs {
        { client:train(fixtures.form({ path }, { prepare = false })):wait(30) },
        { client:upload({ path }):wait(30) },
        { client.assets:upload(path) },
        { client:generate({ model_name = "realisticVisionV51_v51VAE_94301.safetensors",
          prompt = "a photo", image = path }):wait(30) },
      } do
        assert.is_nil(result[1])
        assert.same({ "image", "unsupported" }, { result[2].kind, result[2].code })
        assert.truthy(result[2].message:find(refused, 1, true), result[2].message)
      end
      assert.equal(before, #service:requests())
    end)
  end)
end)
