--- On out-of-memory a PNG was called damaged ("copy it again"), a colour profile was silently
--- ignored or mistaken for another, and lcms2 ended the process at a lock that it could not
--- allocate.

local files = require "support.files"
local icc = require "support.icc"
local Canvas = require "novita.image.canvas"
local programs = require "support.programs"

local sanitized = os.getenv "NOVITA_SANITIZED" -- its malloc cannot be replaced here

describe("on out-of-memory", function()
  local canvas = assert(Canvas.new(40, 30, 3))
  canvas:fill(5, 5, 20, 15, 220, 60, 30)

  local function host()
    local sources = "spec/stress/failures/host.c spec/stress/failures/failing.c"
    return programs.compile("cc", "failing-images", sources, -- no other spec uses this name
      "$(pkg-config --cflags lua5.4) -rdynamic -Wl,--no-as-needed -llua5.4 -ldl")
  end

  -- Each allocation fails once: the result is unchanged, or the error is out-of-memory.
  local function check(bytes, format)
    local path = files.temporary(bytes)
    local out, good = programs.run(("LUA_PATH='%s' LUA_CPATH='%s' timeout 120 %s "
      .. "spec/stress/failures/photo.lua c 1 1 '%s' %s"):format(package.path, package.cpath, host(),
      path, format))
    os.remove(path)
    assert(good and out:find "through\n$", out)
    local errors = 0
    for what, text in out:gmatch "point %d+ (%S+) ([^\n]*)" do
      assert(what == "success" or what == "error" and text:find("memory", 1, true)
        and not text:find("PNG", 1, true), what .. ": " .. text)
      errors = errors + (what == "error" and 1 or 0)
    end
    assert.is_true(errors > 5)
  end

  local function without_sanitizers(what, test)
    if sanitized then
      pending(what .. ": make fail-allocations")
    else
      it(what, test)
    end
  end

  without_sanitizers("a PNG is not called damaged", function()
    check(assert(canvas:encode { format = "png" }), "jpeg")
  end)

  without_sanitizers("a colour profile is not left out", function()
    local p3 = icc.rgb(icc.primaries.p3, "srgb")
    check(icc.in_jpeg(assert(canvas:encode()), p3), "png")
  end)
end)
