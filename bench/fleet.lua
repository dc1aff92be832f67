-- A fleet over PostgreSQL:   lua5.4 bench/fleet.lua [jobs [rounds [seconds]]]
--
-- 1, 2, 4 and 8 runners on this machine divide the jobs, of 12 photos of 2 MP each; the floor is
-- one runner with a file. Every stage of a training is polled at least once. Then a runner has
-- nothing to do because another one has all jobs. Last, five faults: a fleet and workers of pg-boss
-- meet each of them for some seconds (bench/fleet_faults.lua).

local cluster = require "support.postgresql.cluster"
local core = require "novita.core"
local emulator = require "novita.emulator"
local faults = dofile "bench/fleet_faults.lua"
local image = require "novita.image"
local journals = require "novita.batch.journal"
local lfs = require "lfs"
local novita = require "novita"
local support = dofile "bench/support.lua"

local PHOTOS <const>, IDLE <const> = 12, 30
local jobs = math.tointeger(tonumber(arg[1] or "48"))
local rounds = math.tointeger(tonumber(arg[2] or "3"))
local seconds = tonumber(arg[3] or "200")

local missing = cluster.missing()
if missing then
  print("bench fleet: " .. missing)
  os.exit(true)
end

local root = os.tmpname()
os.remove(root)
lfs.mkdir(root)

-- {====== a batch ======

local function make_photos()
  local from = {}
  for name in lfs.dir "examples/photos" do
    from[#from + 1] = name:find "%.jpg$" and "examples/photos/" .. name or nil
  end
  table.sort(from)
  lfs.mkdir(root .. "/photos")
  for n = 1, PHOTOS do
    local made = assert(image.prepare({ path = from[n % #from + 1] },
      { width = 1632, height = 1224, quality = 90 }))
    local file <close> = assert(io.open(("%s/photos/%d.jpg"):format(root, n), "wb"))
    file:write(made.bytes)
  end
end

-- Each stage is long enough to be polled.
local function start_service()
  return assert(emulator.start { speed = 100, slots = 1000, queue_seconds = 150,
    seconds_per_step = 1.5, deploy_seconds = 150, asset_memory = 64 * 1024 * 1024 })
end

local function plan(place, count)
  local list = {}
  for i = 1, count do
    list[i] = { task_type = "subject", name = "person " .. i, images = root .. "/photos",
      base_model = "v1-5-pruned-emaonly", size = 512, crop = "center",
      instance_prompt = "a photo of person", class_prompt = "person", max_train_steps = 100 }
  end
  assert(novita.batch { journal = place, jobs = list }):close()
end

local databases = 0

local function new_database(server)
  databases = databases + 1
  local name = "batch" .. databases
  server:create(name)
  assert(journals.make(server:uri(name))):close()
  return server:uri(name)
end

-- }======

-- {====== runners ======

local function start(place, service, more)
  return assert(io.popen(("exec lua5.4 bench/fleet_run.lua '%s' %s %s %s"):format(place,
    service.base_url, service.api_key, more or "")))
end

local function read(pipe)
  local cpu, statements, time = pipe:read("a"):match "^(%S+) (%d+) (%S+)"
  pipe:close()
  assert(cpu, "a runner has failed")
  return tonumber(cpu), tonumber(statements), tonumber(time)
end

-- Processor seconds of a server and its processes that have ended.
local function server_cpu(server)
  local pid <close> = assert(io.open(server.data .. "/postmaster.pid"))
  local file <close> = assert(io.open("/proc/" .. pid:read "l" .. "/stat"))
  local fields, sum = {}, 0
  for field in file:read("a"):match "%) (.*)":gmatch "%S+" do fields[#fields + 1] = field end
  for i = 12, 15 do sum = sum + tonumber(fields[i]) / 100 end
  return sum
end

-- Runners end some seconds after the last job, when they next look for one: this time does not
-- count.
local function wait_until(place, stage, count)
  local journal, began = assert(journals.view(place)), core.now()
  while (journal:counts()[stage] or 0) < count do os.execute "sleep 0.1" end
  journal:close()
  return core.now() - began
end

-- Stages that were written down; a job that passes all of them has nine.
local function count_stages(place)
  local journal = assert(journals.view(place))
  local count = journal:last_change()
  journal:close()
  return count
end

-- }======

-- {====== one measurement ======

local function run_fleet(server, place, count)
  local service <close> = start_service()
  plan(place, jobs)
  local before = server and server_cpu(server)
  local pipes, made = {}, { cpu = 0, statements = 0 }
  for i = 1, count do pipes[i] = start(place, service) end
  made.wall = wait_until(place, "serving", jobs)
  for _, pipe in ipairs(pipes) do
    local cpu, statements = read(pipe)
    made.cpu, made.statements = made.cpu + cpu, made.statements + statements
  end
  made.server_cpu = server and server_cpu(server) - before
  made.stages = count_stages(place)
  assert(#service:ledger().tasks == jobs, "the ledger has another number of tasks")
  return made
end

local function run_file()
  local place = root .. "/run.db"
  local made = run_fleet(nil, place, 1)
  os.execute(("rm -f %s*"):format(place))
  return made
end

-- Statements a second of a runner that has nothing to do.
local function idle(server)
  local service <close> = start_service()
  service:configure { queue_seconds = math.huge }
  local place = new_database(server)
  plan(place, 1)
  local busy = start(place, service, 2 * IDLE)
  wait_until(place, "queuing", 1)
  local _, statements, time = read(start(place, service, IDLE))
  read(busy)
  return statements / time
end

-- }======

make_photos()
local server, figures = cluster.start { durable = true }, support.table()
for _ = 1, rounds do
  local file = run_file()
  figures:add("file_jobs_per_minute", jobs / file.wall * 60)
  figures:add("file_cpu_s_per_job", file.cpu / jobs)
  for _, count in ipairs { 1, 2, 4, 8 } do
    local made = run_fleet(server, new_database(server), count)
    figures:add(("jobs_per_minute_%d"):format(count), jobs / made.wall * 60)
    figures:add(("cpu_s_per_job_%d"):format(count), made.cpu / jobs)
    figures:add(("cpu_ratio_to_file_%d"):format(count), made.cpu / file.cpu)
    figures:add(("server_cpu_ms_per_job_%d"):format(count), made.server_cpu / jobs * 1000)
    figures:add(("statements_per_job_%d"):format(count), made.statements / jobs)
    if count == 1 then
      figures:add("statements_per_job", made.statements / jobs)
      figures:add("stages_per_job", made.stages / jobs)
    end
  end
end
figures:add("idle_statements_per_runner_s", idle(server))
figures:print "fleet"
server:stop()
os.execute("rm -rf " .. root)
faults.run(seconds)
