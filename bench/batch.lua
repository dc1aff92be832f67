-- A batch through prepare, upload, train and serve:   lua5.4 bench/batch.lua [jobs [rounds]]
--
-- 200 jobs with 12 photos of 2 MP each, and the same in a Node script with sharp and axios, which
-- are installed under $(BUILD)/batch_peer the first time (npm, network); without node it is
-- omitted. The two alternate, and ratios are medians over the rounds. A run with a quarter of the
-- jobs shows whether memory grows with their number. The emulator is in this process, the measured
-- program in another. Ten jobs with models of 150 MB show that keeping them takes no memory. The
-- last figures are the times to resume a journal of 10,000 jobs.

local emulator = require "novita.emulator"
local image = require "novita.image"
local lfs = require "lfs"
local support = dofile "bench/support.lua"

local PHOTOS <const> = 12
local MANY <const> = 10000
local MODELS <const>, MODEL_BYTES <const> = 10, 150 * 1000 * 1000
local jobs = math.tointeger(tonumber(arg[1] or "200"))
local rounds = math.tointeger(tonumber(arg[2] or "3"))

local function output(command, ...)
  local pipe <close> = assert(io.popen(command:format(...)))
  return pipe:read "a"
end

local root = output("mktemp -d"):gsub("%s", "")

-- {====== photos ======

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

local function make_people(count, photos)
  os.execute(("rm -rf %s/people %s/run.db*"):format(root, root))
  lfs.mkdir(root .. "/people")
  for i = 1, count do
    local folder = ("%s/people/p%05d"):format(root, i)
    lfs.mkdir(folder)
    for n = 1, photos do
      assert(lfs.link(("%s/%d.jpg"):format(root, n), ("%s/%d.jpg"):format(folder, n)))
    end
  end
end

-- }======

local function start(model_bytes)
  return assert(emulator.start {
    speed = 100, slots = 1000, seconds_per_step = 0.02, asset_memory = 64 * 1024 * 1024,
    model_bytes = model_bytes,
  })
end

-- Runs a program that prints "wall cpu jobs [peak_rss]".
local function measured(count, model_bytes, command, ...)
  make_people(count, PHOTOS)
  local service <close> = start(model_bytes)
  local before = os.clock()
  local text = output(command, root, service.base_url, service.api_key, ...)
  local wall, cpu, done, rss = text:match "^(%S+) (%S+) (%d+) ?(%S*)"
  assert(tonumber(done) == count, "not all jobs were done: " .. text)
  assert(#service:ledger().tasks == count, "the ledger has another number of tasks")
  return { wall = tonumber(wall), cpu = tonumber(cpu), rss = tonumber(rss),
    service_cpu = os.clock() - before }
end

local function run(count)
  return measured(count, nil, "lua5.4 bench/batch_run.lua %s %s %s")
end

local function run_with_models()
  local made = measured(MODELS, MODEL_BYTES, "lua5.4 bench/batch_run.lua %s %s %s %s",
    root .. "/models")
  os.execute(("rm -rf %s/models"):format(root))
  return made
end

-- {====== the peer ======

local PEER <const> = (os.getenv "BUILD" or "build") .. "/batch_peer"

local function have_peer()
  if not os.execute "command -v node >/dev/null && command -v npm >/dev/null" then
    return false
  end
  return os.execute(("test -d %s/node_modules/axios || npm install --silent --no-audit --no-fund "
    .. "--prefix %s sharp axios@1 >/dev/null"):format(PEER, PEER)) == true
end

local function run_peer(count)
  return measured(count, nil, "NODE_PATH=" .. PEER .. "/node_modules "
    .. "node bench/peers/batch_sharp_axios.cjs %s %s %s")
end

-- }======

-- Seconds from the start of a process until it works on the first job of a journal in which half
-- of the jobs have ended. `plan`: it also reads the folders again, as `novita train people/` does.
local function resume(plan)
  local service <close> = start()
  return tonumber(output("lua5.4 bench/batch_resume.lua %s %s %s %s", root, service.base_url,
    service.api_key, plan))
end

make_photos()
local few = run(math.max(1, jobs // 4))
local figures, peer = support.table(), have_peer()
for _ = 1, rounds do
  local ours = run(jobs)
  figures:add("jobs_per_minute", jobs / ours.wall * 60)
  figures:add("cpu_s_per_job", ours.cpu / jobs)
  figures:add("emulator_cpu_s_per_job", ours.service_cpu / jobs)
  figures:add("busy_cores", (ours.cpu + ours.service_cpu) / ours.wall)
  figures:add("peak_rss_mb", ours.rss)
  if peer then
    local theirs = run_peer(jobs)
    figures:add("wall_ratio_to_node", ours.wall / theirs.wall)
    figures:add("cpu_ratio_to_node", ours.cpu / theirs.cpu)
    figures:add("node_busy_cores", (theirs.cpu + theirs.service_cpu) / theirs.wall)
  end
end
figures:add(("peak_rss_mb_%d_jobs"):format(math.max(1, jobs // 4)), few.rss)
local with_models = run_with_models()
figures:add("peak_rss_mb_models", with_models.rss)
figures:add("models_mb_per_s", MODELS * MODEL_BYTES / 1e6 / with_models.wall)
make_people(MANY, 1)
output("lua5.4 bench/batch_resume.lua %s - - make", root)
for _ = 1, rounds do
  figures:add("resume_10000_s", resume "journal")
  figures:add("resume_10000_from_folders_s", resume "folders")
end
figures:print "batch"
os.execute("rm -rf " .. root)
