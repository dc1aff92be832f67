-- A batch through prepare, upload, train and serve:   lua5.4 bench/batch.lua [jobs]
--
-- 12 photos of 2 MP a job, 200 jobs and, to see whether memory grows with their number, a
-- quarter of them. The emulator is in this process, the batch in one of its own.

local emulator = require "novita.emulator"
local image = require "novita.image"
local lfs = require "lfs"

local PHOTOS <const> = 12
local jobs = math.tointeger(tonumber(arg[1] or "200"))

local function output(command, ...)
  local pipe <close> = assert(io.popen(command:format(...)))
  return pipe:read "a"
end

local root = output("mktemp -d"):gsub("%s", "")

local function sources()
  local paths = {}
  for name in lfs.dir "examples/photos" do
    if name:find "%.jpg$" then
      paths[#paths + 1] = "examples/photos/" .. name
    end
  end
  table.sort(paths)
  return paths
end

local function make_photos()
  local from = sources()
  for n = 1, PHOTOS do
    local made = assert(image.prepare({ path = from[n % #from + 1] },
      { width = 1632, height = 1224, quality = 90 }))
    local file <close> = assert(io.open(("%s/%d.jpg"):format(root, n), "wb"))
    file:write(made.bytes)
  end
end

local function make_people(count)
  os.execute(("rm -rf %s/people %s/run.db*"):format(root, root))
  lfs.mkdir(root .. "/people")
  for i = 1, count do
    local folder = ("%s/people/p%03d"):format(root, i)
    lfs.mkdir(folder)
    for n = 1, PHOTOS do
      assert(lfs.link(("%s/%d.jpg"):format(root, n), ("%s/%d.jpg"):format(folder, n)))
    end
  end
end

local function run(count)
  make_people(count)
  local service <close> = assert(emulator.start {
    speed = 100, slots = 1000, seconds_per_step = 0.02, asset_memory = 64 * 1024 * 1024,
    bad_asset = "fail",
  })
  local text = output("lua5.4 bench/batch_run.lua %s %s %s", root, service.url, service.key)
  local wall, cpu, rss, done = text:match "^(%S+) (%S+) (%S+) (%d+)"
  assert(tonumber(done) == count, "the batch failed")
  assert(#service:ledger().tasks == count, "the ledger has another number of tasks")
  return tonumber(wall), tonumber(cpu), tonumber(rss)
end

make_photos()
local _, _, few = run(math.max(1, jobs // 4))
local wall, cpu, rss = run(jobs)
print(("bench batch jobs_per_minute %.0f"):format(jobs / wall * 60))
print(("bench batch cpu_s_per_job %.3f"):format(cpu / jobs))
print(("bench batch peak_rss_mb %.1f"):format(rss))
print(("bench batch peak_rss_mb_quarter %.1f"):format(few))
os.execute("rm -rf " .. root)
