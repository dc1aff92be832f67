--- PSNR and SSIM of prepared images against the exact result (bench/quality.c), for both paths
-- (planes and RGB), one photo at a time, with the centred crop and with a fractional box.
--    lua5.4 bench/quality.lua [--photos 13] [--size 1024]
-- The photos are those of bench/prepare.lua. Figures: mean and minimum of psnr and ssim.

local support = require "bench.support"
support.library()
local image = require "novita.image"

local BUILD = os.getenv "BUILD" or "build"
local PHOTOS = BUILD .. "/bench-photos"
local WAYS = { "planes", "rgb" }
local BOXES = {
  center = { x = 500, y = 0, width = 3000, height = 3000 },
  box = { x = 700.3, y = 450.7, width = 2200.6, height = 2200.6 },
}

local options = support.options(arg, { photos = 13, size = 1024 })

local function make(photo, way, box, name)
  local prepared = assert(image.prepare({ path = photo },
    { size = options.size, crop = box, format = "png", effort = 1, planes = way == "planes" }))
  local file <close> = assert(io.open(name, "wb"))
  file:write(prepared.bytes)
end

-- one line "psnr ssim" per path
local function measure(photo, box, names)
  local pipe <close> = assert(io.popen(("%s/bench/quality %s %.17g %.17g %.17g %.17g %s"):format(
    BUILD, support.quote(photo), box.x, box.y, box.width, box.height, table.concat(names, " "))))
  local found = {}
  for psnr, ssim in pipe:read("a"):gmatch "(%S+) (%S+)" do
    found[#found + 1] = { psnr = tonumber(psnr), ssim = tonumber(ssim) }
  end
  assert(#found == #names, "bench/quality failed")
  return found
end

local function note(all, way, got)
  local t = all[way]
  t.n = t.n + 1
  for _, figure in ipairs { "psnr", "ssim" } do
    t[figure] = t[figure] + got[figure]
    t["least_" .. figure] = math.min(t["least_" .. figure], got[figure])
  end
end

local function one(all, photo, kind)
  local names = {}
  for i, way in ipairs(WAYS) do
    names[i] = os.tmpname()
    make(photo, way, BOXES[kind], names[i])
  end
  for i, got in ipairs(measure(photo, BOXES[kind], names)) do
    note(all, WAYS[i], got)
    io.stderr:write(("# %s %s %s: %.2f dB, SSIM %.5f\n"):format(photo:match "[^/]*$", kind,
      WAYS[i], got.psnr, got.ssim))
    os.remove(names[i])
  end
end

support.main("bench/quality", function()
  local all = {}
  for _, way in ipairs(WAYS) do
    all[way] = { n = 0, psnr = 0, ssim = 0, least_psnr = math.huge, least_ssim = 1 }
  end
  for i = 0, options.photos - 1 do
    for _, kind in ipairs { "center", "box" } do
      one(all, ("%s/photo%02d.jpg"):format(PHOTOS, i), kind)
    end
  end
  for _, way in ipairs(WAYS) do
    local t = all[way]
    print(("bench quality %s_psnr_mean %.2f"):format(way, t.psnr / t.n))
    print(("bench quality %s_psnr_least %.2f"):format(way, t.least_psnr))
    print(("bench quality %s_ssim_mean %.5f"):format(way, t.ssim / t.n))
    print(("bench quality %s_ssim_least %.5f"):format(way, t.least_ssim))
  end
end)
