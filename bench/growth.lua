--- How the cost of work grows with its amount. The exponent is the slope of the logarithm of the
-- CPU time over that of the amount (least squares over three amounts): 1 is in proportion. Only the
-- measured process counts (bench/growth_run.lua); the emulator is in this one.
--
--   lua5.4 bench/growth.lua [--runs 1] [--percent 100] [photos plan dry_run jobs report polls]
--
-- `make bench-growth` builds and runs it. --percent 10 takes a tenth of the amounts. Rounds are
-- interleaved, figures are medians.

package.path = "bench/?.lua;" .. package.path
local support = require "support"

local POLLS <const> = 3 -- of each task
local SERVER_SECONDS <const> = 600
local DISTINCT <const> = 100 -- photos of jobs

-- The first amount takes at least 0.2 s of CPU time.
local AMOUNTS <const> = {
  photos = { 30, 300, 3000 },
  plan = { 1000, 3000, 10000 },
  dry_run = { 100, 1000, 10000 },
  jobs = { 100, 1000, 10000 },
  report = { 2000, 5000, 10000 },
  polls = { 3000, 10000, 30000 },
}

-- An exponent above this is a defect, unless a profile shows that one of these explains it.
local LIMIT <const> = 1.05
local MORE_THAN_LINEAR <const> = {
  photos = "the sort of the files' names (novita.dataset.folder_files)",
  plan = "the sort of the folders' names, and SQLite's B-trees of jobs and photos",
  dry_run = "SQLite's B-trees of jobs and photos",
  jobs = "SQLite's B-trees of jobs, photos and events",
  report = "SQLite's B-tree of events by job",
  polls = "the heap of the next polls (csrc/base/heap.c)",
}
-- An amount that takes longer is measured in the first round only.
local LONG_SECONDS <const> = 60

local function shell(command, ...)
  assert(os.execute(command:format(...)), command)
end

-- {====== photos and folders ======

local function photos_in(folder)
  local paths = {}
  for name in require("lfs").dir(folder) do
    paths[#paths + 1] = name:find "%.jpg$" and folder .. "/" .. name or nil
  end
  table.sort(paths)
  return paths
end

-- Parts of the examples: small, and no two of them alike.
local function make_photos(folder, count)
  local image, sources = support.library().image, photos_in "examples/photos"
  math.randomseed(1)
  for i = 1, count do
    local source = { path = sources[i % #sources + 1] }
    local whole = assert(image.probe(source))
    local side = math.random(100, math.min(whole.width, whole.height))
    local crop = { x = math.random(0, whole.width - side), width = side,
      y = math.random(0, whole.height - side), height = side }
    local file <close> = assert(io.open(("%s/%05d.jpg"):format(folder, i), "wb"))
    file:write(assert(image.prepare(source, { width = 96, height = 96, crop = crop })).bytes)
  end
end

-- A folder for each job, with one photo.
local function make_people(folder, photos, count)
  local lfs = require "lfs"
  for i = 1, count do
    local person = ("%s/p%05d"):format(folder, i)
    assert(lfs.mkdir(person))
    assert(lfs.link(photos[i % #photos + 1], person .. "/1.jpg"))
  end
end

-- }======

-- {====== one piece of work ======

-- Runs it in its own process.
local function run(what, folder, ...)
  local command = ("lua5.4 bench/growth_run.lua %s %s %s"):format(what, folder,
    table.concat({ ... }, " "))
  local pipe <close> = assert(io.popen(command))
  local text = pipe:read "a"
  local seconds, cpu, rss = text:match "^(%S+) (%S+) (%S+)\n$"
  assert(seconds, "failed: " .. command)
  return { seconds = tonumber(seconds), cpu = tonumber(cpu), rss = tonumber(rss) }
end

-- The state before the work: by kind, called with the root, its folder and its amount.
local prepare = {}

function prepare.photos(_, folder, count)
  make_photos(folder .. "/photos", count)
end

function prepare.plan(root, folder, count)
  make_people(folder .. "/people", photos_in(root), count)
end

-- A journal; each round gets a copy. `finished`: its jobs serve.
local function plan(root, folder, count, finished)
  prepare.plan(root, folder, count)
  run("plan", folder)
  if finished then
    run("finish", folder)
  end
  shell("mv %s/run.db %s/plan.db", folder, folder)
end

function prepare.dry_run(root, folder, count)
  plan(root, folder, count, false)
end

prepare.jobs = prepare.dry_run

function prepare.report(root, folder, count)
  plan(root, folder, count, true)
end

function prepare.polls()
end

local function polls(folder, count)
  local server <close> = support.start(
    ("%s/poll_server %d %d"):format(support.programs, POLLS, SERVER_SECONDS), 2, "^(%d+)$")
  server.pid = server.first[2]
  return run("polls", folder, "http://127.0.0.1:" .. server.first[1], "sk_bench", count)
end

local function jobs(folder)
  local service <close> = assert(require("novita.emulator").start { speed = 100, slots = 1000,
    seconds_per_step = 0.02, asset_memory = 64 * 1024 * 1024 })
  return run("jobs", folder, service.base_url, service.api_key)
end

local function measure(what, folder, count)
  shell("rm -f %s/run.db* && if test -f %s/plan.db; then cp %s/plan.db %s/run.db; fi", folder,
    folder, folder, folder)
  if what == "polls" then
    return polls(folder, count)
  end
  return what == "jobs" and jobs(folder) or run(what, folder)
end

-- }======

-- {====== figures ======

local function slope(amounts, seconds)
  local n, x, y, xx, xy = #amounts, 0, 0, 0, 0
  for i, amount in ipairs(amounts) do
    local a, b = math.log(amount), math.log(seconds[i])
    x, y, xx, xy = x + a, y + b, xx + a * a, xy + a * b
  end
  return (n * xy - x * y) / (n * xx - x * x)
end

local function add(figures, what, count, made)
  local name = ("%s_%d_"):format(what, count)
  figures:add(name .. "cpu_ms_each", made.cpu / count * 1e3)
  figures:add(name .. "seconds", made.seconds)
  figures:add(name .. "peak_rss_mb", made.rss)
  if what == "jobs" then
    figures:add(name .. "per_minute", count / made.seconds * 60)
  end
end

-- One round: the CPU seconds of each amount, which replace those in `seconds`.
local function round(what, amounts, folders, seconds, figures)
  for i, count in ipairs(amounts) do
    if not seconds[i] or seconds[i] < LONG_SECONDS then
      local made = measure(what, folders[i], count)
      add(figures, what, count, made)
      seconds[i] = made.cpu
    end
  end
end

local function print_exponent(what, exponent)
  print(("bench growth %s exponent %.3f"):format(what, exponent))
  if exponent > LIMIT then
    print(("bench growth %s above %.2f: a defect, unless a profile shows that it is %s"):format(
      what, LIMIT, MORE_THAN_LINEAR[what]))
  end
end

local function bench(what, root, options)
  local amounts, folders, figures = {}, {}, support.table()
  for i, amount in ipairs(AMOUNTS[what]) do
    amounts[i] = math.max(1, amount * options.percent // 100)
    folders[i] = ("%s/%s%d"):format(root, what, amounts[i])
    shell("mkdir -p %s/photos %s/people", folders[i], folders[i])
    prepare[what](root, folders[i], amounts[i])
  end
  local exponents, seconds = {}, {}
  for i = 1, options.runs do
    round(what, amounts, folders, seconds, figures)
    exponents[i] = slope(amounts, seconds)
  end
  print_exponent(what, support.median(exponents))
  figures:print "growth"
  shell("rm -rf %s/%s*", root, what)
end

-- }======

support.main("bench/growth.lua", function()
  local options = support.options(arg, { runs = 1, percent = 100 })
  local pipe <close> = assert(io.popen "mktemp -d")
  local root = pipe:read "l"
  make_photos(root, DISTINCT)
  for _, what in ipairs(options[1] and options or { "photos", "polls", "plan", "dry_run", "report",
    "jobs" }) do
    bench(what, root, options)
    io.stdout:flush()
  end
  shell("rm -rf %s", root)
end)
