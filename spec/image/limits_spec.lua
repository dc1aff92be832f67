local co = require "support.coroutines"
local files = require "support.files"
local noise = require "support.noise"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local refusal = require "support.refusal"

local function refused(code, bytes, limits, options)
  options = options or {}
  options.limits = limits
  local prepared, err = image.prepare(bytes, options)
  assert.is_nil(prepared)
  assert.same({ "image", code }, { err.kind, err.code }, err.message)
  local p, again = image.decode(bytes, { limits = limits, lenient = options.lenient })
  assert.is_nil(p)
  assert.equal(code, again.code)
  return err.message
end

local photo = assert(assert(Canvas.new(40, 30, 3, noise.bytes(3600, 3))):resize { width = 600 })
local png = assert(photo:encode { format = "png", effort = 1 })
local jpeg = assert(photo:encode {})
local webp = assert(photo:encode { format = "webp", effort = 0 })
local lossless = assert(photo:encode { format = "webp", lossless = true, effort = 0 })
local interlaced = files.png {
  width = 200, height = 150, depth = 8, type = 2, interlace = true,
  rows = files.adam7(noise.bytes(90000, 3), 200, 150, 3),
}
local progressive = files.read "fixtures/progressive.jpg"

describe("the memory limit", function()
  it("applies to images that must be held whole", function()
    for bytes, needed in pairs {
      [webp] = 600 * 450 * 3, [lossless] = 600 * 450 * 7, [interlaced] = 200 * 150 * 3,
    } do
      local message = refused("too_large", bytes, { memory = needed - 1 })
      assert.truthy(message:find("limits.memory", 1, true), message)
      assert.truthy(image.decode(bytes, { limits = { memory = needed } }))
    end
  end)

  it("applies to the coefficients of a progressive JPEG", function()
    local at = progressive:find("\xff\xc2", 1, true) -- its header now says 4000 x 4000
    local large = progressive:sub(1, at + 4) .. string.pack(">I2I2", 4000, 4000)
      .. progressive:sub(at + 9)
    for _, lenient in ipairs { false, true } do
      local message = refused("too_large", large, { memory = 10 << 20 }, { lenient = lenient })
      assert.truthy(message:find("limits.memory", 1, true), message)
    end
    assert.truthy(image.prepare(large, { lenient = true, size = 64,
      limits = { memory = 100 << 20 } }))
  end)

  it("does not apply to images that are read in row blocks", function()
    assert.truthy(image.prepare(jpeg, { size = 100, limits = { memory = 500000 } }))
    assert.truthy(image.prepare(png, { size = 100, limits = { memory = 500000 } }))
  end)

  it("applies to the rows that resampling holds", function()
    local message
    local _, err = image.prepare(png, { size = 10, limits = { memory = 100000 } })
    message = err.message
    assert.equal("too_large", err.code)
    assert.truthy(message:find("limits.memory", 1, true), message)
  end)
end)

describe("the time limit", function()
  local function assert_slow(bytes, options)
    local message = refused("too_slow", bytes, { seconds = 1e-9 }, options)
    assert.equal("took more than 1e-09 seconds: export it again, or raise limits.seconds", message)
  end

  it("ends every format, strict and lenient, in rows and in planes", function()
    for _, bytes in ipairs { png, jpeg, webp, lossless, interlaced, progressive } do
      assert_slow(bytes)
      assert_slow(bytes, { lenient = true })
      assert_slow(bytes, { planes = false, pass_through = false })
      assert_slow(bytes, { size = 30 })
    end
  end)

  it("ends a progressive JPEG between its scans", function()
    local last
    for at in progressive:gmatch "()\xff\xda" do
      last = at
    end
    local scan = progressive:sub(last, -3)
    local bomb = progressive:sub(1, -3) .. scan:rep(90000) .. "\xff\xd9"
    local start = os.clock()
    assert.truthy(image.decode(bomb, { limits = { scans = 100000 } })) -- it is complete
    local whole = os.clock() - start
    for _, lenient in ipairs { false, true } do
      local limits = { scans = 100000, seconds = whole / 20 }
      start = os.clock()
      local p, err = image.decode(bomb, { lenient = lenient, limits = limits })
      assert.is_true(os.clock() - start < whole / 2)
      assert.is_nil(p)
      assert.equal("too_slow", err.code)
    end
  end)

  it("has no effect on an image that is in time", function()
    assert.truthy(image.prepare(jpeg, { limits = { seconds = 20 } }))
  end)
end)

describe("invalid limits", function()
  local cases = {
    { { seconds = 0 }, "limits.seconds must be a number of seconds > 0 and <= 86400, got 0" },
    { { seconds = "1" },
      'limits.seconds must be a number of seconds > 0 and <= 86400, got "1"' },
    { { seconds = 0 / 0 },
      "limits.seconds must be a number of seconds > 0 and <= 86400, got %-?nan" },
    { { memory = 0 }, "limits.memory must be an integer from 1 to 1099511627776, got 0" },
    { { memory = 1.5 }, "limits.memory must be an integer from 1 to 1099511627776, got 1.5" },
    { { time = 1 }, "limits.time is not an option of limits: the options are bytes, pixels" },
  }
  for _, case in ipairs(cases) do
    it("raise: " .. case[2], function()
      local text = refusal(image.prepare, jpeg, { limits = case[1] })
      assert.truthy(text:find(case[2]), text)
    end)
  end
end)

describe("a corrupt file", function()
  it("costs one clear error and no memory", function()
    local broken = {
      jpeg:sub(1, #jpeg // 2), png:sub(1, #png // 2), webp:sub(1, #webp // 2),
      lossless:sub(1, #lossless // 3), interlaced:sub(1, #interlaced // 2),
      progressive:sub(1, #progressive // 2), "nothing", "",
    }
    -- AddressSanitizer delays the reuse of freed memory; the fuzz targets find leaks with it
    local sanitized = package.cpath:find "build/san"
    local function resident()
      local file = not sanitized and io.open "/proc/self/statm"
      if not file then
        return 0
      end
      local _, pages = file:read("n", "n")
      file:close()
      return pages * 4096
    end
    local function round()
      for _, bytes in ipairs(broken) do
        local prepared, err = image.prepare(bytes, { size = 64 })
        assert.is_nil(prepared)
        assert.equal("image", err.kind)
        assert.is_nil(err.message:find "[\r\n]")
      end
    end
    for _ = 1, 20 do
      round()
    end
    collectgarbage()
    local before = resident()
    for _ = 1, 100 do
      round()
    end
    collectgarbage()
    assert.is_true(resident() - before < 8e6, "it grew by " .. resident() - before)
  end)

  it("is one error among many good files", function()
    local novita = require "novita"
    local good, bad = 0, {}
    co.run(function()
      local group <close> = co.group { limit = 4 }
      for i = 1, 12 do
        group:spawn(function()
          local facts, err = novita.image.prepare(i == 7 and jpeg:sub(1, 2000) or jpeg,
            { size = 64 })
          good = good + (facts and 1 or 0)
          bad[#bad + 1] = err
        end)
      end
    end)
    assert.equal(11, good)
    assert.same({ "truncated" }, { bad[1].code })
    assert.equal(1, #bad)
  end)
end)
