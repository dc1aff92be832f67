local image = require "novita.image"
local Canvas = require "novita.image.canvas"
local files = require "support.files"
local heif = require "support.image.heif"
local noise = require "support.noise"

-- A few thousand damaged files: each must give an image or one clear error, soon. Under sanitizers
-- this finds more than it can here.

local rounds = tonumber(os.getenv("NOVITA_FUZZ_ROUNDS")) or 400
local seed = tonumber(os.getenv("NOVITA_FUZZ_SEED")) or 1

local function corpus()
  local rgb = assert(Canvas.new(24, 18, 3, noise.bytes(24 * 18 * 3, 1)))
  local rgba = assert(Canvas.new(24, 18, 4, noise.bytes(24 * 18 * 4, 2)))
  local list = {
    png = rgb:encode({ format = "png" }), png_alpha = rgba:encode({ format = "png" }),
    webp = rgb:encode({ format = "webp" }), webp_alpha = rgba:encode({ format = "webp" }),
    lossless = rgba:encode({ format = "webp", lossless = true }),
    exif = files.jpeg_with_exif(rgb:encode({ chroma = 420 }), files.exif(7, ">")),
    webp_exif = files.webp_with_exif(rgb:encode({ format = "webp" }), 24, 18, files.exif(5)),
    interlaced = files.png({
      width = 13, height = 11, depth = 8, type = 2, interlace = true,
      rows = files.adam7(noise.bytes(13 * 11 * 3, 3), 13, 11, 3),
      after = files.chunk("eXIf", files.exif(6)),
    }),
    palette = files.png({
      width = 9, height = 3, depth = 4, type = 3, rows = { "\1\2\3\4\5", "\0\0\1\1\2", "54321" },
      before = files.chunk("PLTE", noise.bytes(48, 4)) .. files.chunk("tRNS", "\0\128"),
    }),
  }
  for _, name in ipairs({
    "gray", "rgb", "progressive", "cmyk_adobe", "ycck_adobe", "arithmetic",
  }) do
    list[name] = files.read("fixtures/" .. name .. ".jpg")
  end
  list.animated = files.read("fixtures/animated.webp")
  if heif.complete then
    list.heic = files.read("fixtures/heif/alpha.heic")
    list.avif = files.read("fixtures/heif/photo.avif")
  end
  return list
end

--- Values that parsers often get wrong.
local edges = { "\0", "\255", "\127", "\128", "\0\0", "\255\255", "\255\217", "\255\218",
  "\0\0\0\0", "\255\255\255\255", "\127\255\255\255", "\128\0\0\0" }

local function mutate(bytes, random, other)
  for _ = 0, random() % 4 do
    local kind, at = random() % 6, random() % (#bytes + 1)
    if kind <= 1 then
      bytes = bytes:sub(1, at) .. string.char(random() & 255) .. bytes:sub(at + 2)
    elseif kind == 2 then
      local edge = edges[random() % #edges + 1]
      bytes = bytes:sub(1, at) .. edge .. bytes:sub(at + 1 + #edge)
    elseif kind == 3 then
      bytes = bytes:sub(1, at)
    elseif kind == 4 then
      local n = random() % 40
      bytes = bytes:sub(1, at) .. bytes:sub(at + 1 + n)
    else
      local from = random() % (#other + 1)
      bytes = bytes:sub(1, at) .. other:sub(from, from + random() % 60) .. bytes:sub(at + 1)
    end
  end
  return bytes
end

--- The PNG with correct checksums, so that the data after them is reached.
local function mend(png)
  local out, at = { png:sub(1, 8) }, 9
  while at + 12 <= #png + 1 do
    local n = string.unpack(">I4", png, at)
    if n > #png - at - 11 then
      break
    end
    out[#out + 1] = files.chunk(png:sub(at + 4, at + 7), png:sub(at + 8, at + 7 + n))
    at = at + 12 + n
  end
  return table.concat(out) .. png:sub(at)
end

local limits = { pixels = 4000000, output_pixels = 1000000 }

local function check(name, result, err)
  if result == nil then
    assert.truthy(err.kind == "image" or err.kind == "memory", name)
    assert.truthy(#err.message > 10 and not err.message:find("%c"), err.message)
  end
end

describe("a damaged file gives an image or an error, soon:", function()
  local list = corpus()
  local names = {}
  for name in pairs(list) do
    names[#names + 1] = name
  end
  table.sort(names)

  for i, name in ipairs(names) do
    it(name, function()
      local random, slowest = noise.generator(seed * 1000 + i), 0
      for _ = 1, rounds do
        local other = list[names[random() % #names + 1]]
        local bytes = mutate(list[name], random, other)
        if bytes:sub(2, 4) == "PNG" and random() % 2 == 0 then
          bytes = mend(bytes)
        end
        local lenient, before = random() % 2 == 0, os.clock()
        check(name, image.probe(bytes, { limits = limits }))
        check(name, image.decode(bytes, { lenient = lenient, limits = limits }))
        check(name, image.prepare(bytes, {
          size = 1 + random() % 40, fit = random() % 2 == 0 and "cover" or "contain",
          lenient = lenient, limits = limits,
        }))
        slowest = math.max(slowest, os.clock() - before)
      end
      assert.is_true(slowest < 1, ("%.2f s"):format(slowest))
    end)
  end
end)
