--- Fifty photos of 12 megapixels become 1024 x 1024 (cover, Lanczos3), with the library and with
-- npm sharp, two workers each, in alternating rounds.
--    lua5.4 bench/prepare.lua [--runs 7] [--photos 50] [--size 1024] [jpeg] [png] [webp] [page]
--      [faces] [avx2]
-- The first run makes the photos and installs sharp under $(BUILD)/ (npm, node, network).
--
-- Figures: <format> wall_, cpu_ and bytes_ratio_to_sharp; <format>_avx2 the same with
-- NOVITA_SIMD=avx2 in ours; peak_rss_mb of our process, the largest of all formats. For WebP also
-- the PSNR of both against the exact result (bench/quality.c): equal size alone says little.
-- jpeg_<stage>_ms: CPU time of each stage alone (bench/jpeg_stages.c), per photo; jpeg_floor_ratio:
-- our CPU time divided by their sum.
-- page_...: the task of sharp's own page: 2725 x 2225 to 720 x 588, JPEG of quality 80, 4:2:0.
-- faces_cpu_ratio: portraits of 12 megapixels cropped around the face, divided by in the centre.

local support = require "bench.support"

local BUILD = os.getenv "BUILD" or "build"
local PEERS, PHOTOS = BUILD .. "/peers", BUILD .. "/bench-photos"
local PORTRAITS, PEOPLE = BUILD .. "/bench-portraits", 12
local PAGE = BUILD .. "/bench-page"
local SHARP = "sharp@0.35.5"
local DIFFERENT = 13 -- source photos; the others are made from them

local options = support.options(arg, { runs = 7, photos = 50, size = 1024 })

local function must(command)
  if not os.execute(command) then
    error("failed: " .. command, 0)
  end
end

local function node(script, ...)
  local words = { "NODE_PATH=" .. PEERS .. "/node_modules node bench/peers/" .. script .. ".cjs" }
  for i, word in ipairs({ ... }) do
    words[i + 1] = support.quote(tostring(word))
  end
  return table.concat(words, " ")
end

-- what make_photos fills each folder with
local photos = {
  [PHOTOS] = { "examples/photos", PHOTOS, options.photos, 4000, 3000 },
  [PAGE] = { "examples/photos", PAGE, options.photos, 2725, 2225 },
  [PORTRAITS] = { "examples/portraits", PORTRAITS, PEOPLE, 3000, 4000 },
}

-- what each case asks for, in the order of the programs' arguments
local function task(format)
  if format == "page" then
    return { PAGE, "jpeg", "720x588", 80, 420 }
  end
  return { PHOTOS, format, options.size, 95, 444 }
end

local function install(formats)
  if not os.execute("test -d " .. PEERS .. "/node_modules/sharp") then
    must(("npm install --silent --no-audit --no-fund --prefix %s %s >&2"):format(PEERS, SHARP))
  end
  for _, format in ipairs(formats) do
    must(node("make_photos", table.unpack(photos[task(format)[1]])))
  end
  if formats.faces then
    must(node("make_photos", table.unpack(photos[PORTRAITS])))
  end
end

local function ours(format, simd, out)
  local env = simd and "NOVITA_SIMD=" .. simd .. " " or ""
  return support.run(("%slua5.4 bench/prepare_run.lua %s center %s"):format(env,
    table.concat(task(format), " "), out or ""))
end

local function sharp(format, out)
  local words = task(format)
  return support.run(node("prepare_sharp", 2, table.unpack(words)) .. " " .. (out or ""))
end

local function portraits(crop)
  return support.run(("lua5.4 bench/prepare_run.lua %s jpeg %d 95 444 %s"):format(PORTRAITS,
    options.size, crop))
end

local function compare_faces(figures)
  local without, with = portraits "center", portraits "face"
  figures:add("faces_cpu_ratio", with.cpu_s / without.cpu_s)
end

-- each stage of a JPEG alone, and how much more the whole takes
local function compare_stages(figures, mine)
  local stages = support.run(("%s/jpeg_stages %d 95 %s/*.jpg"):format(support.programs,
    options.size, PHOTOS))
  local sum = 0
  for _, ms in pairs(stages) do
    sum = sum + ms
  end
  figures:add_all(stages)
  figures:add("jpeg_floor_ratio", mine.cpu_s * 1000 / options.photos / sum)
end

local function compare(figures, name, mine, theirs)
  figures:add(name .. "_wall_ratio_to_sharp", mine.wall_s / theirs.wall_s)
  figures:add(name .. "_cpu_ratio_to_sharp", mine.cpu_s / theirs.cpu_s)
  figures:add(name .. "_bytes_ratio_to_sharp", mine.bytes / theirs.bytes)
  figures:add(name .. "_images_per_s", options.photos / mine.wall_s)
end

local function round(figures, formats, also)
  local peak = 0
  if formats.faces then
    compare_faces(figures)
  end
  for _, format in ipairs(formats) do
    local theirs = sharp(format)
    local mine = ours(format)
    compare(figures, format, mine, theirs)
    if format == "jpeg" then
      compare_stages(figures, mine)
    end
    for _, simd in ipairs(also) do
      compare(figures, format .. "_" .. simd, ours(format, simd), theirs)
    end
    peak = math.max(peak, mine.peak_mb)
    figures:add("sharp_peak_rss_mb", theirs.peak_mb)
  end
  if peak > 0 then
    figures:add("peak_rss_mb", peak)
  end
end

local function read(name)
  local file <close> = assert(io.open(name, "rb"))
  return file:read "a"
end

-- PSNR of images of one photo, which all show its centred square
local function psnr(photo, names)
  local command = ("%s/bench/quality %s 500 0 3000 3000 %s"):format(BUILD, photo,
    table.concat(names, " "))
  local pipe <close> = assert(io.popen(command))
  local found = {}
  for figure in pipe:read("a"):gmatch "(%S+) %S+" do
    found[#found + 1] = tonumber(figure)
  end
  assert(#found == #names, "bench/quality failed")
  return found
end

local function compare_quality(figures, folder)
  support.library()
  local image = require "novita.image"
  must(("mkdir %s/ours %s/sharp"):format(folder, folder))
  ours("webp", nil, folder .. "/ours")
  sharp("webp", folder .. "/sharp")
  for i = 0, math.min(options.photos, DIFFERENT) - 1 do
    local names = {}
    for k, who in ipairs { "ours", "sharp" } do
      local webp = read(("%s/%s/photo%02d.webp"):format(folder, who, i))
      names[k] = folder .. "/" .. who .. ".png"
      local file <close> = assert(io.open(names[k], "wb"))
      file:write(assert(image.decode(webp, { channels = 3 })):encode { format = "png" })
    end
    local found = psnr(("%s/photo%02d.jpg"):format(PHOTOS, i), names)
    figures:add("webp_psnr", found[1])
    figures:add("webp_psnr_of_sharp", found[2])
  end
end

local function add_quality(figures, formats)
  if not table.concat(formats, " "):find "webp" then
    return
  end
  local folder = os.tmpname()
  os.remove(folder)
  must("mkdir " .. folder)
  local done, err = pcall(compare_quality, figures, folder)
  must("rm -r " .. folder)
  assert(done, err)
end

local function chosen()
  local formats, also = {}, {}
  for _, word in ipairs(options) do
    local list = (word == "avx2" or word == "scalar") and also or formats
    if word == "faces" then
      formats.faces = true
    else
      list[#list + 1] = word
    end
  end
  if not options[1] then
    formats, also = { "jpeg", "png", "webp", "page", faces = true }, { "avx2" }
  end
  return formats, also
end

support.main("bench/prepare", function()
  local formats, also = chosen()
  install(formats)
  local figures = support.table()
  for _ = 1, options.runs do
    round(figures, formats, also)
  end
  add_quality(figures, formats)
  figures:print "prepare"
end)
