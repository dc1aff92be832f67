-- Output paths: no text from the service and no name leaves the output folder, and no file is
-- written through a symbolic link.

local lfs = require "lfs"
local GeneratedImage = require "novita.client.generated_image"
local sample_files = require "novita.batch.models.sample_files"
local support = require "support.client"

local function write(path, text)
  local file <close> = assert(io.open(path, "wb"))
  file:write(text)
end

describe("the type of an image", function()
  for _, word in ipairs { "png", "jpeg", "webp" } do
    it("may be " .. word, function()
      assert.equal(word, GeneratedImage.new(nil, { image_type = word }).image_type)
    end)
  end

  for _, word in ipairs {
    "../../x", "/etc/passwd", "png/../../x", "a\0b", "p\27[2Jng", "exe", "",
  } do
    it(("is none where it is %q"):format(word), function()
      assert.is_nil(GeneratedImage.new(nil, { image_type = word }).image_type)
    end)
  end
end)

describe("sample images of a batch", function()
  it("stay in their folder, whatever the job is called", function()
    local folder <close> = support.folder()
    local service <close> = support.service { speed = 500 }
    local client <close> = support.client(service)
    local out = folder.path .. "/samples"
    for _, name in ipairs { "../../evil", "/etc/evil", "a/../../b", "..", "x\27[2J" } do
      assert(sample_files.try(out, name))
      local paths = assert(sample_files.save({ support.generated_image(client) }, out, name,
        "../../task"))
      assert.equal(out .. "/", paths[1]:match "^(.*/)")
      assert.is_nil(paths[1]:find "%c")
      assert.equal("file", lfs.attributes(paths[1], "mode"))
    end
    assert.same({ "samples" }, folder.list())
  end)
end)

describe("a symbolic link at an output path", function()
  local folder, victim

  before_each(function()
    folder = support.folder()
    victim = folder.path .. "/victim"
    write(victim, "precious")
  end)

  after_each(function() getmetatable(folder).__close() end)

  it("is replaced by an image, not followed", function()
    local service <close> = support.service { speed = 500 }
    local client <close> = support.client(service)
    local path = folder.path .. "/a.png"
    assert(lfs.link("victim", path, true))
    assert(support.generated_image(client):save(path))
    assert.equal("precious", support.read(victim))
    assert.equal("file", lfs.symlinkattributes(path, "mode"))
  end)

  it("is replaced by a model, not followed, also at the path of the partial file", function()
    local service <close> = support.service { speed = 500 }
    local client <close> = support.client(service)
    local model = assert(client:attach { task_id = support.training(client),
      task_type = "subject" }:wait())
    local path = folder.path .. "/a.safetensors"
    assert(lfs.link("victim", path, true))
    assert(lfs.link("victim", path .. ".part", true))
    assert(model:save(path))
    assert.equal("precious", support.read(victim))
    assert.equal("file", lfs.symlinkattributes(path, "mode"))
    assert.is_nil(lfs.symlinkattributes(path .. ".part"))
  end)

  it("is replaced by the output of the command line", function()
    local save = require "novita.cli.save"
    local path = folder.path .. "/report.html"
    assert(lfs.link("victim", path, true))
    assert(lfs.link("victim", path .. ".part", true))
    save.bytes(path, "a report")
    assert.equal("precious", support.read(victim))
    assert.equal("a report", support.read(path))
  end)
end)

describe("a journal", function()
  it("and the files beside it can be read by their owner only", function()
    local journal = require "novita.batch.journal"
    local folder <close> = support.folder()
    os.execute("chmod 755 '" .. folder.path .. "'")
    local held = assert(journal.open(folder.path .. "/run.db"))
    local seen = 0
    for _, name in ipairs(folder.list()) do
      local path = folder.path .. "/" .. name
      assert.equal("rw-------", lfs.attributes(path, "permissions"), name)
      seen = seen + 1
    end
    held:close()
    assert.is_true(seen >= 2)
  end)
end)
