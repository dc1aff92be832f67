-- novita runs without libheif. HEIC and AVIF photos are then left out or refused, with words that
-- say what to install.

local cli = require "support.cli"
local files = require "support.files"
local fixtures = require "support.fixtures"
local heif = require "support.image.heif"

local function has(text, part)
  assert(text:find(part, 1, true), ("%q is not in %q"):format(part, text))
end

describe("without libheif", function()
  local hidden, before, folder
  setup(function()
    hidden, before = heif.hidden()
    folder = cli.folder()
    assert(os.execute("mkdir " .. folder .. "/anna"))
    for i = 1, 4 do
      cli.write(("%s/anna/IMG_%d.HEIC"):format(folder, i), files.read "fixtures/heif/photo.heic")
    end
    cli.write(folder .. "/anna/drawing.avif", files.read "fixtures/heif/photo.avif")
  end)
  teardown(function()
    cli.remove(hidden)
    cli.remove(folder)
  end)

  local function run(...)
    return cli.run({ ... }, { LD_LIBRARY_PATH = hidden })
  end

  it("a file is refused with what to install", function()
    local source = ([[
      local image = require "novita.image"
      for _, name in ipairs { "IMG_1.HEIC", "drawing.avif" } do
        for _, open in ipairs { image.probe, image.decode, image.prepare } do
          local found, err = open { path = %q .. name }
          print(found, err.kind, err.code, err.message)
        end
      end
      print(require("novita.core").versions().heif, collectgarbage "count" < 1e5)]])
    local output, status = fixtures.program(source:format(folder .. "/anna/"), before)
    assert.equal(0, status, output)
    local line = "nil\timage\tunsupported\tis %s: install libheif to use it, or export it as JPEG, "
      .. "PNG or WebP\n"
    assert.equal(line:format("a HEIC photo"):rep(3) .. line:format("an AVIF image"):rep(3)
      .. "nil\ttrue\n", output)
  end)

  it("a folder's photos are left out, which is said", function()
    local reason = "(HEIC: install libheif, or export as JPEG)"
    has(run("check", folder .. "/anna").err, "has no photos (JPEG, PNG, WebP, HEIC or AVIF); 5 "
      .. "files are left out: drawing.avif (AVIF image: install libheif, or export as JPEG); "
      .. "IMG_1.HEIC, IMG_2.HEIC, IMG_3.HEIC and 1 more " .. reason .. "; an iPhone takes JPEGs "
      .. "with Settings > Camera > Formats > Most Compatible")
    cli.photos(folder .. "/ben", 3)
    cli.write(folder .. "/ben/IMG_1.HEIC", files.read "fixtures/heif/photo.heic")
    has(run("check", folder .. "/ben").out, "1 file is left out: IMG_1.HEIC " .. reason)
  end)

  it("doctor and version say so", function()
    has(run("doctor").out, "libheif is not installed (HEIC: install libheif, AVIF: install "
      .. "libheif)")
    has(run("version").out, "heif  not installed\n")
    assert.is_nil(run("version", "--json").json.libraries.heif)
  end)

  it("a library that is too old counts as missing", function()
    local source = os.tmpname()
    cli.write(source, "const char *heif_get_version (void) { return \"0.1\"; }\n")
    assert(os.execute(("cc -shared -fPIC -x c -o %s/libheif.so.1 %s"):format(hidden, source)))
    has(run("version").out, "heif  not installed\n")
    os.remove(source)
  end)
end)

if heif.complete then
  describe("with libheif", function()
    it("doctor and version name it", function()
      has(cli.run({ "doctor" }).out, ("libheif %s (HEIC: yes, AVIF: yes)"):format(heif.version))
      has(cli.run({ "version" }).out, ("heif  %s\n"):format(heif.version))
    end)
  end)
end
