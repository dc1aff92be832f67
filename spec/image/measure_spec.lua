local files = require "support.files"
local noise = require "support.noise"
local image = require "novita.image"
local Canvas = require "novita.image.canvas"

-- Luma as the specs compute it: Rec. 601, as in JPEG.
local function luma_of(p)
  local bytes, channels, out = p:bytes(), p.channels, {}
  for i = 0, p.width * p.height - 1 do
    local r, g, b = bytes:byte(i * channels + 1, i * channels + channels)
    out[i] = channels == 1 and r or 0.299 * r + 0.587 * g + 0.114 * b
  end
  return out
end

local function variance_of_laplacian(p)
  local v, width, height = luma_of(p), p.width, p.height
  local n, sum, squares = 0, 0, 0
  for y = 1, height - 2 do
    for x = 1, width - 2 do
      local i = y * width + x
      local l = v[i - 1] + v[i + 1] + v[i - width] + v[i + width] - 4 * v[i]
      n, sum, squares = n + 1, sum + l, squares + l * l
    end
  end
  return squares / n - (sum / n) ^ 2
end

local function mean_of(p)
  local v, sum, n = luma_of(p), 0, p.width * p.height
  for i = 0, n - 1 do
    sum = sum + v[i]
  end
  return sum / n / 255
end

local function distance(left, right)
  local differing, n = tonumber(left, 16) ~ tonumber(right, 16), 0
  while differing ~= 0 do
    differing, n = differing & (differing - 1), n + 1
  end
  return n
end

local function measured(p, options)
  options = options or {}
  options.format = "png"
  return assert(image.prepare(assert(p:encode { format = "png" }), options))
end

local function near(expected, got, tolerance)
  assert.is_true(math.abs(expected - got) <= tolerance, ("%g, expected %g"):format(got, expected))
end

local random = assert(Canvas.new(120, 90, 3, noise.bytes(120 * 90 * 3, 7)))

describe("the measures of a prepared image", function()
  it("include the variance of its Laplacian", function()
    local expected = variance_of_laplacian(random)
    near(expected, measured(random).sharpness, expected * 0.01)
    assert.equal(0, measured(assert(Canvas.new(40, 40, 3))).sharpness)
  end)

  it("include its mean brightness and the shares of dark and bright pixels", function()
    near(mean_of(random), measured(random).brightness, 0.003)
    local p = assert(Canvas.new(100, 10, 3))
    p:fill(0, 0, 100, 10, 128, 128, 128):fill(0, 0, 30, 10, 8, 8, 8):fill(30, 0, 20, 10, 9, 9, 9)
    p:fill(80, 0, 15, 10, 247, 247, 247):fill(95, 0, 5, 10, 246, 246, 246)
    local facts = measured(p)
    near(0.30, facts.dark, 1e-9)
    near(0.15, facts.bright, 1e-9)
    near(mean_of(p), facts.brightness, 0.002)
  end)

  it("are the same in every way of processing: rows, planes, passed through, rotated", function()
    local small = assert(random:resize { width = 400, height = 300 })
    local jpeg = assert(small:encode { quality = 100 })
    local rows = assert(image.prepare(jpeg, { planes = false, pass_through = false }))
    local planes = assert(image.prepare(jpeg, { pass_through = false }))
    local passed = assert(image.prepare(jpeg, {}))
    assert.is_true(passed.passed_through)
    assert.is_false(planes.passed_through)
    for _, other in ipairs { planes, passed } do
      near(rows.sharpness, other.sharpness, rows.sharpness * 0.02)
      near(rows.brightness, other.brightness, 0.002)
      assert.is_true(distance(rows.dhash, other.dhash) <= 1)
    end
    local turned = files.jpeg_with_exif(assert(small:encode { quality = 100 }), files.exif(3))
    local upright = assert(image.decode(turned))
    local facts = assert(image.prepare(turned))
    assert.is_true(distance(measured(upright).dhash, facts.dhash) <= 1)
    assert.is_true(distance(rows.dhash, facts.dhash) > 10)
  end)

  it("are those of the image without the frame around it", function()
    local alone = measured(random)
    for _, size in ipairs { { 300, 90 }, { 120, 200 } } do
      local framed = measured(random, { width = size[1], height = size[2], fit = "contain",
        background = "#ffffff" })
      near(alone.sharpness, framed.sharpness, 1e-6)
      near(alone.brightness, framed.brightness, 1e-9)
      assert.equal(alone.dhash, framed.dhash)
    end
  end)

  it("are taken at one scale: a larger version of an image has the same", function()
    local photo = { path = "examples/photos/dogs.jpg" }
    local small = assert(image.prepare(photo, { size = 512 }))
    local large = assert(image.prepare(photo, { size = 1024 }))
    near(small.sharpness, large.sharpness, small.sharpness * 0.15)
    near(small.brightness, large.brightness, 0.005)
    assert.is_true(distance(small.dhash, large.dhash) <= 4)
  end)

  it("exist for the smallest and the most extreme images", function()
    for _, size in ipairs { { 1, 1 }, { 2, 1 }, { 1, 3 }, { 2, 2 }, { 3, 3 }, { 1, 700 },
      { 5000, 1 }, { 513, 2 }, { 9, 8 }, { 8, 9 } } do
      local p = assert(Canvas.new(size[1], size[2], 3))
      p:fill(0, 0, size[1], size[2], 51, 51, 51)
      local facts = measured(p)
      near(0.2, facts.brightness, 1e-9)
      assert.equal(0, facts.sharpness)
      assert.equal("0000000000000000", facts.dhash)
    end
  end)

  it("include how much it was enlarged", function()
    near(1, measured(random).scale, 1e-9)
    near(0.5, measured(random, { width = 60 }).scale, 1e-9)
    near(100 / 45, measured(random, { size = 100,
      crop = { x = 0, y = 0, width = 60, height = 45 } }).scale, 1e-9)
  end)
end)

describe("the hash", function()
  it("has one bit for each two neighbours of 9 x 8 cells, the first highest", function()
    local bytes = {}
    for y = 0, 7 do
      for x = 0, 8 do -- brighter to the right in even rows, darker in odd ones
        bytes[#bytes + 1] = string.char(y % 2 == 0 and x * 20 or 200 - x * 20):rep(3)
      end
    end
    local cells = assert(Canvas.new(9, 8, 3, table.concat(bytes)))
    assert.equal("ff00ff00ff00ff00", measured(cells).dhash)
    local large = assert(cells:resize { width = 900, height = 800, filter = "box" })
    assert.equal("ff00ff00ff00ff00", measured(large).dhash)
  end)

  it("is near for the same photo at another size, quality and format, and far for others",
    function()
      local names = { "dogs.jpg", "drum.jpg", "fig.png", "stream.jpg", "sunset.jpg",
        "nuthatch.jpg", "bridge.jpg" }
      local hashes = {}
      for i, name in ipairs(names) do
        local photo = { path = "examples/photos/" .. name }
        local whole = assert(image.prepare(photo, { size = 512 }))
        local worse = assert(image.prepare(photo, { size = 300, quality = 40, chroma = 420 }))
        local again = assert(image.prepare(worse.bytes, { size = 512, format = "webp" }))
        assert.is_true(distance(whole.dhash, again.dhash) <= 6, name)
        hashes[i] = whole.dhash
        for k = 1, i - 1 do
          assert.is_true(distance(hashes[k], hashes[i]) > 12, names[k] .. " and " .. name)
        end
      end
    end)
end)
