--- Fifty photos of 12 megapixels become 1024 x 1024 (cover, Lanczos3), by ours and by npm sharp,
-- two workers each, turn by turn.
--    lua5.4 bench/prepare.lua [--runs 7] [--photos 50] [--size 1024] [jpeg] [png] [webp] [avx2]
-- Photos and sharp are made and installed under $(BUILD)/ the first time (npm, node, network).
--
-- Figures: <format> wall_, cpu_ and bytes_ratio_to_sharp; <format>_avx2 the same with
-- NOVITA_SIMD=avx2 in ours; peak_rss_mb of our process, the largest of all formats.

local support = require "bench.support"

local BUILD = os.getenv "BUILD" or "build"
local PEERS, PHOTOS = BUILD .. "/peers", BUILD .. "/bench-photos"
local SHARP = "sharp@0.35.5"

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

local function install()
  if not os.execute("test -d " .. PEERS .. "/node_modules/sharp") then
    must(("npm install --silent --no-audit --no-fund --prefix %s %s >&2"):format(PEERS, SHARP))
  end
  must(node("make_photos", "examples/photos", PHOTOS, options.photos))
end

local function ours(format, simd)
  local env = simd and "NOVITA_SIMD=" .. simd .. " " or ""
  return support.run(("%slua5.4 bench/prepare_run.lua %s %s %d"):format(env, PHOTOS, format,
    options.size))
end

local function compare(figures, name, mine, theirs)
  figures:add(name .. "_wall_ratio_to_sharp", mine.wall_s / theirs.wall_s)
  figures:add(name .. "_cpu_ratio_to_sharp", mine.cpu_s / theirs.cpu_s)
  figures:add(name .. "_bytes_ratio_to_sharp", mine.bytes / theirs.bytes)
  figures:add(name .. "_images_per_s", options.photos / mine.wall_s)
end

local function round(figures, formats, also)
  local peak = 0
  for _, format in ipairs(formats) do
    local theirs = support.run(node("prepare_sharp", PHOTOS, format, options.size, 2))
    local mine = ours(format)
    compare(figures, format, mine, theirs)
    for _, simd in ipairs(also) do
      compare(figures, format .. "_" .. simd, ours(format, simd), theirs)
    end
    peak = math.max(peak, mine.peak_mb)
    figures:add("sharp_peak_rss_mb", theirs.peak_mb)
  end
  figures:add("peak_rss_mb", peak)
end

local function chosen()
  local formats, also = {}, {}
  for _, word in ipairs(options) do
    local list = (word == "avx2" or word == "scalar") and also or formats
    list[#list + 1] = word
  end
  if not options[1] then
    formats, also = { "jpeg", "png", "webp" }, { "avx2" }
  end
  return formats, also
end

support.main("bench/prepare", function()
  install()
  local figures = support.table()
  local formats, also = chosen()
  for _ = 1, options.runs do
    round(figures, formats, also)
  end
  figures:print "prepare"
end)
