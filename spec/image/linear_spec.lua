local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local oracle = require "support.oracle"
local noise = require "support.noise"

--- IEC 61966-2-1, both ways, from 0 to 1.
local function to_light(code)
  return code <= 0.04045 and code / 12.92 or ((code + 0.055) / 1.055) ^ 2.4
end

local function to_code(light)
  return light <= 0.0031308 and light * 12.92 or 1.055 * light ^ (1 / 2.4) - 0.055
end

--- A plane of floats from 0 to 255 that the oracle accepts as a string.
local function plane_of(floats)
  return { byte = function(_, at) return floats[at] end }
end

--- Codes as floats, resampled in linear light; with alpha if there are 2 or 4 channels.
local function expected(from, width, height, filter)
  local has_alpha = from.channels % 2 == 0
  local box = { x = 0, y = 0, width = from.width, height = from.height }
  local function resample(floats)
    return oracle.resample({ width = from.width, height = from.height, channels = 1,
      bytes = plane_of(floats) }, box, width, height, filter)
  end
  local function sample(i, c)
    return from.bytes:byte(i * from.channels + c)
  end
  local count, alpha = from.width * from.height, {}
  for i = 0, count - 1 do
    alpha[i + 1] = has_alpha and sample(i, from.channels) or 255
  end
  local alpha_out, out = resample(alpha), {}
  for c = 1, from.channels do
    local light = {}
    for i = 0, count - 1 do
      light[i + 1] = to_light(sample(i, c) / 255) * alpha[i + 1]
    end
    for i, v in ipairs(resample(light)) do
      local at = (i - 1) * from.channels + c
      if has_alpha and c == from.channels then
        out[at] = alpha_out[i]
      else
        out[at] = 255 * to_code(math.max(0, math.min(1, v / alpha_out[i])))
      end
    end
  end
  return out
end

local function resize(from, width, height, filter, linear)
  return assert(Canvas.new(from.width, from.height, from.channels, from.bytes)):resize({
    width = width, height = height, fit = "stretch", filter = filter, linear = linear,
  }):bytes()
end

local function noisy(width, height, channels, seed)
  local bytes = noise.bytes(width * height * channels, seed)
  if channels % 2 == 0 then -- alpha from 128 on: colours are significant everywhere
    bytes = bytes:gsub(("."):rep(channels), function(p)
      return p:sub(1, -2) .. string.char(p:byte(-1) | 128)
    end)
  end
  return { width = width, height = height, channels = channels, bytes = bytes }
end

describe("linear = true", function()
  for _, filter in ipairs({ "lanczos3", "catmull-rom", "mitchell", "area", "box" }) do
    it("is within one step of float64 arithmetic: " .. filter, function()
      for channels = 1, 3, 2 do
        local from = noisy(61, 47, channels, channels)
        assert.is_true(oracle.distance(resize(from, 23, 17, filter, true),
          expected(from, 23, 17, filter)) <= 1)
        assert.is_true(oracle.distance(resize(from, 90, 71, filter, true),
          expected(from, 90, 71, filter)) <= 1)
      end
    end)
  end

  it("weights colours by alpha in linear light", function()
    for channels = 2, 4, 2 do
      local from = noisy(40, 33, channels, channels)
      assert.is_true(oracle.distance(resize(from, 17, 15, "area", true),
        expected(from, 17, 15, "area")) <= 1)
    end
  end)

  it("has the right mean, dark areas included", function()
    local codes = {}
    for i = 1, 120 * 90 do
      codes[i] = string.char(noise.bytes(1, i):byte() % 48) -- where linear light has few steps
    end
    local from = { width = 120, height = 90, channels = 1, bytes = table.concat(codes) }
    local got, want, sum = resize(from, 50, 41, "lanczos3", true),
      expected(from, 50, 41, "lanczos3"), 0
    for i = 1, #want do
      sum = sum + (got:byte(i) - want[i]) ^ 2
    end
    -- rounding to 8 bits alone gives 1/12
    assert.is_true(sum / #want < 0.0875, tostring(sum / #want))
  end)

  it("makes a fine checkerboard as bright as it looks from afar", function()
    local board = ("\0\255"):rep(32) .. ("\255\0"):rep(32)
    local from = { width = 64, height = 64, channels = 1, bytes = board:rep(32) }
    assert.equal(string.char(188):rep(256), resize(from, 16, 16, "area", true))
    assert.equal(string.char(128):rep(256), resize(from, 16, 16, "area", false))
  end)

  it("keeps flat areas flat at every level, and an unresized image unchanged", function()
    for level = 0, 255 do
      local bytes = string.char(level):rep(37 * 11)
      local from = { width = 37, height = 11, channels = 1, bytes = bytes }
      assert.is_true(resize(from, 21, 17, "lanczos3", true) == string.char(level):rep(21 * 17))
    end
    local from = noisy(33, 21, 3, 4)
    assert.is_true(resize(from, 33, 21, "lanczos3", true) == from.bytes)
  end)

  it("works when a file is prepared as well", function()
    local p = assert(Canvas.new(61, 47, 3, noise.bytes(61 * 47 * 3, 8)))
    local options = { width = 23, height = 17, fit = "stretch", linear = true, format = "png" }
    local prepared = assert(image.prepare(p:encode({ format = "png" }), options))
    options.format = nil
    local direct = assert(p:resize(options)):bytes()
    assert.is_true(assert(image.decode(prepared.bytes)):bytes() == direct)
  end)

  it("composites translucent pixels on the background in linear light too", function()
    local background = { 250, 128, 3 }
    for channels = 2, 4, 2 do
      local bytes = noise.bytes(50 * 4 * channels, channels)
      local p = assert(Canvas.new(50, 4, channels, bytes))
      local made = image.decode(assert(image.prepare(p:encode({ format = "png" }),
        { linear = true, format = "png", background = background })).bytes):bytes()
      for i = 0, 50 * 4 - 1 do
        local a = bytes:byte((i + 1) * channels) / 255
        for ch = 1, 3 do
          local front = bytes:byte(i * channels + (channels == 4 and ch or 1)) / 255
          local want = to_code(to_light(front) * a + to_light(background[ch] / 255) * (1 - a))
          assert.is_true(math.abs(made:byte(i * 3 + ch) - want * 255) <= 1)
        end
      end
    end
  end)

  it("must be true or false", function()
    local p = assert(Canvas.new(2, 2, 3))
    assert.has_error(function()
      p:resize({ size = 1, linear = "yes" })
    end, 'linear must be true or false, got "yes"')
  end)
end)
