--- The rocks novita and novita-faces are installed apart: one of them may be of another version.

local face_photos = require "support.faces.photos"
local interpreter = require "support.interpreter"
local programs = require "support.programs"

local OTHER <const> = (os.getenv "BUILD" or "build") .. "/spec/other-faces"

-- The rock as its next version would be built: the interface has another number.
local COPY <const> = [[
  rm -rf %s && mkdir -p %s/csrc/base %s/csrc/image/detect %s/novita/faces &&
  cp -r csrc/faces %s/csrc/ && cp csrc/base/cpu.[ch] csrc/base/func.h %s/csrc/base &&
  sed 's/\(NOVITA_DETECTOR_VERSION\) 1 /\1 2 /' csrc/image/detect/detector.h \
    > %s/csrc/image/detect/detector.h]]

local function build()
  local out, good = programs.run((COPY:gsub("%%s", OTHER)))
  assert(good, out)
  programs.compile("cc", "other-faces/novita/faces/core.so", OTHER .. "/csrc/faces/*.c "
    .. OTHER .. "/csrc/base/cpu.c", "-shared -fPIC $(pkg-config --cflags lua5.4)")
end

local PROGRAM <const> = [[
  local image = require "novita.image"
  local path = %q
  local function show(result, err)
    print(result, err and err.kind, err and err.code, err and err.message)
  end
  show(image.faces { path = path })
  show(image.prepare({ path = path }, { size = 64, crop = "face" }))
  show(image.prepare({ path = path }, { size = 64, crop = "auto" }))
  print(image.prepare({ path = path }, { size = 64 }).crop.choice)
]]

describe("a rock novita-faces of another version", function()
  it("is refused, not called", function()
    build()
    local path = os.tmpname()
    local file <close> = assert(io.open(path, "w"))
    file:write(PROGRAM:format(face_photos.path "astronaut.jpg"))
    file:close()
    local pipe = assert(io.popen(("LUA_PATH=%q LUA_CPATH=%q %s %s 2>&1"):format(package.path,
      OTHER .. "/?.so;" .. package.cpath, interpreter, path)))
    local out = pipe:read "a"
    pipe:close()
    os.remove(path)
    local refused = "nil\tfile\tface_detector\tthe rock novita-faces does not fit this novita "
      .. "(interface 2, not 1): install both again\n"
    assert.equal(refused:rep(3) .. "center\n", out)
  end)
end)
