--- Writes the starting corpus of the fuzz targets: tiny files of every kind that the decoders
--- know, made by ourselves.
--   LUA_PATH="lua/?.lua;lua/?/init.lua;spec/?.lua;;" LUA_CPATH="build/?.so;;" \
--     lua5.4 spec/corpus/make.lua

local files = require "support.files"
local icc = require "support.icc"
local noise = require "support.noise"
local picture = require "novita.picture"

local here = arg[0]:match "^(.*/)" or "./"

local function write(folder, name, bytes)
  local file = assert(io.open(("%s%s/%s"):format(here, folder, name), "wb"))
  file:write(bytes)
  file:close()
end

local p3 = icc.rgb(icc.primaries.p3, "srgb")
local adobe = icc.rgb(icc.primaries.adobe, 2.2)
local gray = icc.gray(1.8)
local cmyk = icc.cmyk(function(c, m, y, k)
  return 100 - 25 * (c + m + y + k), 20 * (m - c), 20 * (y - m)
end)
local rgb = assert(picture.new(9, 7, 3, noise.bytes(9 * 7 * 3, 1)))
local rgba = assert(picture.new(9, 7, 4, noise.bytes(9 * 7 * 4, 2)))
local jpeg = assert(rgb:encode { quality = 60 })

local function fixture(name)
  return files.read("fixtures/" .. name)
end

local jpegs = {
  ["444.jpg"] = jpeg,
  ["420.jpg"] = assert(rgb:encode { quality = 60, chroma = 420 }),
  ["turned.jpg"] = files.jpeg_with_exif(jpeg, files.exif(6)),
  ["profile.jpg"] = icc.in_jpeg(jpeg, p3),
  ["parts.jpg"] = icc.in_jpeg(jpeg, p3, 200),
  ["ink.jpg"] = icc.in_jpeg(fixture "cmyk_adobe.jpg", cmyk),
}
for _, name in ipairs { "gray", "progressive", "ycck_adobe", "cmyk_plain", "arithmetic", "rgb" } do
  jpegs[name .. ".jpg"] = fixture(name .. ".jpg")
end

local function png(depth, type, row, more)
  local p = { width = 8, height = 2, depth = depth, type = type, rows = { row, row } }
  for name, value in pairs(more or {}) do
    p[name] = value
  end
  return files.png(p)
end

local palette = files.chunk("PLTE", noise.bytes(48, 3))
local pngs = {
  ["rgb.png"] = assert(rgb:encode { format = "png" }),
  ["rgba.png"] = assert(rgba:encode { format = "png" }),
  ["gray1.png"] = png(1, 0, "\xa5"),
  ["gray16.png"] = png(16, 0, noise.bytes(16, 4)),
  ["gray_alpha.png"] = png(8, 4, noise.bytes(16, 5)),
  ["palette.png"] = png(4, 3, "\1\35\69\103", { before = palette
    .. files.chunk("tRNS", "\0\255\128") }),
  ["key.png"] = png(8, 2, noise.bytes(24, 6), { before = files.chunk("tRNS", "\0\4\0\5\0\6") }),
  ["rgba16.png"] = png(16, 6, noise.bytes(64, 7)),
  ["interlaced.png"] = files.png { width = 9, height = 7, depth = 8, type = 2, interlace = true,
    rows = files.adam7(noise.bytes(189, 8), 9, 7, 3) },
  ["profile.png"] = icc.in_png(assert(rgba:encode { format = "png" }), p3),
  ["gray_profile.png"] = png(8, 0, noise.bytes(8, 9), { before = icc.iccp(gray) }),
  ["numbers.png"] = png(8, 2, noise.bytes(24, 1), { before = files.chunk("gAMA", "\0\1\x86\xa0")
    .. files.chunk("cHRM", string.pack(">I4I4I4I4I4I4I4I4", 31270, 32900, 68000, 32000, 26500,
      69000, 15000, 6000)) }),
  ["cicp.png"] = png(8, 2, noise.bytes(24, 1), { before = files.chunk("cICP", "\12\13\0\1") }),
  ["turned.png"] = png(8, 2, noise.bytes(24, 2), { after = files.chunk("eXIf", files.exif(8)) }),
}

local webp = assert(rgb:encode { format = "webp", quality = 50 })
local webps = {
  ["lossy.webp"] = webp,
  ["lossless.webp"] = assert(rgba:encode { format = "webp", lossless = true }),
  ["alpha.webp"] = assert(rgba:encode { format = "webp", quality = 50 }),
  ["turned.webp"] = files.webp_with_exif(webp, 9, 7, files.exif(5)),
  ["profile.webp"] = icc.in_webp(webp, 9, 7, adobe),
  ["animated.webp"] = fixture "animated.webp",
}

local table_curve = {}
for i = 0, 16 do
  table_curve[i + 1] = (i / 16) ^ 2
end

local all = {
  jpeg = jpegs,
  png = pngs,
  webp = webps,
  exif = { little = files.exif(6), big = files.exif(3, ">"), marked = "Exif\0\0" .. files.exif(8) },
  icc = { p3 = p3, adobe = adobe, gray = gray, cmyk = cmyk,
    table = icc.rgb(icc.primaries.srgb, table_curve),
    srgb = icc.rgb(icc.primaries.srgb, "srgb") },
}

for folder, list in pairs(all) do
  for name, bytes in pairs(list) do
    write(folder, name, bytes)
    if name:find "%." then
      write("prepare", name, string.char(12, 9, #name * 5, #bytes % 32) .. bytes)
    end
  end
end
