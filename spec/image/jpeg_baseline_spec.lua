-- Baseline JPEGs are decoded by our own code; all others, and damaged ones, by libjpeg. Planes are
-- encoded by our own code if the processor has AVX2. With NOVITA_JPEG=libjpeg, libjpeg does
-- everything. For any file, both must give the same bits and the same error.
local files = require "support.files"
local interpreter = require "support.interpreter"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local noise = require "support.noise"

--- Runs a program in a separate process with the given environment; returns what it prints.
local function run(environment, program)
  local path = files.temporary(("package.path, package.cpath = %q, %q\n"):format(package.path,
    package.cpath) .. program)
  local pipe = assert(io.popen(("%s %s %s 2>&1"):format(environment, interpreter, path)))
  local out = pipe:read("a")
  pipe:close()
  os.remove(path)
  return out
end

local prelude = [[
  local image = require "novita.image"
  local Canvas = require "novita.image.canvas"
  local files = require "support.files"
  local noise = require "support.noise"
  local function sum(bytes)
    local s = 0
    for i = 1, #bytes do
      s = (s * 31 + bytes:byte(i)) & 0xffffffffffff
    end
    return s
  end
  local function show(name, bytes, options)
    options.pass_through = false
    options.limits = { seconds = 86400 } -- a busy machine must not make a difference
    local p, err = image.prepare(bytes, options)
    print(name, p and sum(p.bytes), err and err.code, err and err.message)
  end
]]

local function assert_same(program, least, environment)
  local ours = run((environment or "") .. " NOVITA_JPEG=", prelude .. program)
  local theirs = run("NOVITA_JPEG=libjpeg", prelude .. program)
  local _, lines = ours:gsub("\n", "")
  assert.is_true(lines >= least, ours)
  assert.is_nil(ours:find("traceback", 1, true), ours)
  assert.equal(theirs, ours)
end

describe("the baseline JPEG decoder gives the same as libjpeg", function()
  it("for every way to store colour, and for gray", function()
    assert_same([[
      for _, name in ipairs { "samp444", "samp422", "samp420", "samp440", "samp411", "samp410",
        "samp420p", "samp420r", "gray", "rgb", "progressive", "arithmetic", "cmyk_adobe" } do
        local bytes = files.read("fixtures/" .. name .. ".jpg")
        for _, size in ipairs { 101, 33, 7 } do
          show(name .. size, bytes, { format = "png", effort = 1, size = size })
          show(name .. size, bytes, { size = size,
            crop = { x = 9.5, y = 3, width = 8.5, height = 17 } })
        end
      end
    ]], 78)
  end)

  local photos = [[
      for _, name in ipairs { "bridge", "nuthatch", "dogs", "drum" } do
        local file <close> = assert(io.open("examples/photos/" .. name .. ".jpg", "rb"))
        local bytes = file:read("a")
        show(name, bytes, { size = 64, crop = { x = 0, y = 0, width = 64, height = 64 } })
        show(name, bytes, { size = 200 })
        show(name, bytes, { size = 50, crop = { x = 700, y = 500.5, width = 120, height = 99 } })
      end
    ]]

  it("for photos, wherever the box is", function()
    assert_same(photos, 12)
  end)

  it("for photos, without optional instructions of the processor", function()
    assert_same(photos, 12, "NOVITA_SIMD=scalar")
  end)

  it("for noise of every quality, with the longest codes", function()
    assert_same([[
      local p = assert(Canvas.new(97, 61, 3, noise.bytes(97 * 61 * 3)))
      for quality = 1, 100, 9 do
        for _, chroma in ipairs { 444, 420 } do
          for _, optimize in ipairs { true, false } do
            local jpeg = p:encode { quality = quality, chroma = chroma, optimize = optimize }
            show(quality, jpeg, { format = "png" })
          end
        end
      end
      -- the worst case: full swing in every pixel
      local hard = {}
      for i, b in ipairs { noise.bytes(6400, 3):byte(1, -1) } do
        hard[i] = b > 127 and "\255" or "\0"
      end
      p = assert(Canvas.new(80, 80, 1, table.concat(hard)))
      show("hard", p:encode { quality = 100 }, { format = "png" })
      show("hard", p:encode { quality = 3 }, { format = "png" })
    ]], 50)
  end)

  it("and the same errors for truncated or damaged files", function()
    assert_same([[
      local random = noise.generator(7)
      for _, name in ipairs { "samp444", "samp420", "samp420r", "samp411", "gray" } do
        local bytes = files.read("fixtures/" .. name .. ".jpg")
        for part = 1, 40 do
          show("cut" .. part, bytes:sub(1, #bytes * part // 40), { format = "png" })
        end
        for i = 1, 150 do
          -- damage only after the quantisation tables: coefficients that overflow there do not
          -- occur in images, and libjpeg's own versions of the transform differ on them
          local from = bytes:find("\255\192", 1, true)
          local at = from + random() % (#bytes - from + 1)
          local value = i % 3 == 0 and 255 or random() & 255
          local damaged = bytes:sub(1, at - 1) .. string.char(value) .. bytes:sub(at + 1)
          show("damaged" .. at, damaged, { format = "png" })
        end
        show("more", bytes .. "more", { format = "png" })
        show("filled", bytes:sub(1, -3) .. "\255\255\255\217", { format = "png" })
        show("extra", bytes:sub(1, -3) .. "abc\255\217", { format = "png" })
        show("early", bytes:sub(1, #bytes - 30) .. "\255\217", { format = "png" })
      end
    ]], 950)
  end)
end)

describe("a JPEG that passes through", function()
  it("is measured and checked as well", function()
    local p = assert(Canvas.new(40, 40, 3, noise.bytes(4800)))
    local jpeg = p:encode()
    assert.is_true(assert(image.prepare(jpeg)).passed_through)
    assert.is_nil((image.prepare(jpeg:sub(1, -4))))
    assert.is_nil((image.prepare(jpeg:sub(1, -20) .. "\255\217")))
  end)
end)

-- The encoder writes planes, so its sources are JPEGs here.
describe("the baseline JPEG encoder writes the same bytes as libjpeg", function()
  it("for every width and height up to two MCUs, and for gray", function()
    assert_same([[
      local p = assert(Canvas.new(97, 61, 3, noise.bytes(97 * 61 * 3)))
      local colour, gray = p:encode { quality = 90 }, files.read "fixtures/gray.jpg"
      for side = 1, 34 do
        for _, chroma in ipairs { 444, 420 } do
          show("wide" .. side, colour, { width = side, height = 35 - side, chroma = chroma,
            fit = "stretch" })
        end
        show("gray" .. side, gray, { width = side, height = 35 - side, chroma = 420,
          fit = "stretch" })
      end
    ]], 102)
  end)

  it("for photos and noise of every quality, with the longest runs and codes", function()
    assert_same([[
      local hard = {} -- full swing in every sample
      for i, b in ipairs { noise.bytes(97 * 61, 3):byte(1, -1) } do
        hard[i] = (b > 127 and "\255" or "\0"):rep(3)
      end
      local file <close> = assert(io.open("examples/photos/bridge.jpg", "rb"))
      local sources = { file:read "a",
        assert(Canvas.new(97, 61, 3, noise.bytes(97 * 61 * 3))):encode { quality = 100 },
        assert(Canvas.new(97, 61, 3, table.concat(hard))):encode { quality = 100 } }
      for i, source in ipairs(sources) do
        for _, quality in ipairs { 1, 2, 5, 10, 25, 50, 75, 90, 95, 98, 100 } do
          show(i .. " " .. quality, source, { size = 90, quality = quality,
            chroma = quality % 2 == 0 and 420 or 444, filter = "catmull-rom" })
        end
      end
      show("rows wider than a piece", sources[2], { width = 3000, height = 61, quality = 100,
        fit = "stretch" })
    ]], 34)
  end)
end)
