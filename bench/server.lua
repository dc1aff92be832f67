--- Benchmark of a server that trains: 1,000 trainings in its queue, polled by 1,000 coroutines,
-- against the emulator, which has the same routes and keeps everything in memory.
--
--   lua5.4 bench/server.lua [--runs 5] [--trainings 1000] [--polls 10]
--
-- `make bench-server` builds and runs it. Rounds are interleaved; a ratio is the median of the
-- ratios within each round. CPU time is that of the server's process.

package.path = "bench/?.lua;" .. package.path
local support = require "support"

local KEY <const> = "sk_bench"
local BASE <const> = "v1-5-pruned-emaonly"
local UPLOADS <const> = 50
local SERVER_SECONDS <const> = 300

-- {====== the measured process ======

local sides = {}

function sides.emulator()
  return assert(require("novita.emulator").start { api_key = KEY, queue_seconds = math.huge })
end

-- One training runs, which only sleeps; all others wait.
function sides.server(folder)
  return assert(require("novita.server").start { data = folder, keys = { bench = KEY },
    queue_limit = 1000000, trainer = { "sh", "-c", "sleep 600", "sh" },
    base_models = { [BASE] = { path = "/models/sd15", family = "sd15" } } })
end

-- Serves until it is killed, or for some minutes.
local function serve(side, folder)
  support.library()
  local scheduler, sleep = require "novita.async.scheduler", require "novita.async.sleep"
  local service <close> = sides[side](folder)
  local file <close> = assert(io.open "/proc/self/stat")
  print(service.base_url)
  print(file:read "n")
  io.stdout:flush()
  sleep(scheduler.own(), SERVER_SECONDS)
  service:stop()
end

-- }======

-- {====== the driver ======

-- CPU seconds of a process so far, in all of its threads.
local function cpu_of(pid)
  local pipe <close> = assert(io.popen(("cat /proc/%s/task/*/schedstat"):format(pid)))
  local nanoseconds = 0
  for line in pipe:lines() do
    nanoseconds = nanoseconds + line:match "^%d+"
  end
  return nanoseconds / 1e9
end

local function resident_of(pid)
  local file <close> = assert(io.open(("/proc/%s/status"):format(pid)))
  return tonumber(file:read("a"):match "VmRSS:%s*(%d+)") * 1024
end

-- Calls fn(1) to fn(count) in `count` coroutines; returns the results.
local function together(client, count, fn)
  local results = {}
  do
    local group <close> = client:group()
    for i = 1, count do
      group:spawn(function() results[i] = fn(i) end)
    end
  end
  return results
end

local function body_of(asset)
  return { name = "bench", base_model = BASE, width = 512, height = 512,
    image_dataset_items = { { assets_id = asset } }, expert_setting = { max_train_steps = 100,
      instance_prompt = "a photo of ohwx person", class_prompt = "person" } }
end

-- The middle one of the times that a call takes, in ms.
local function milliseconds(novita_core, count, call)
  local times = {}
  for i = 1, count do
    local from = novita_core.now()
    call()
    times[i] = (novita_core.now() - from) * 1000
  end
  return support.median(times)
end

local function measure(client, pid, options)
  local novita_core = require "novita.core"
  local asset = assert(client.assets:upload { path = "examples/photos/fig.png" })
  local figures = { upload_start_ms = milliseconds(novita_core, UPLOADS, function()
    assert(client.assets:create "png")
  end) }
  local memory, cpu = resident_of(pid), cpu_of(pid)
  local ids = together(client, options.trainings, function()
    return assert(client.trainings:create("subject", body_of(asset)))
  end)
  figures.cpu_us_per_training = (cpu_of(pid) - cpu) * 1e6 / #ids
  figures.bytes_per_training = (resident_of(pid) - memory) / #ids
  local function poll(i)
    for _ = 1, options.polls do
      assert(client.trainings:get(ids[i], "subject"))
    end
  end
  cpu = cpu_of(pid)
  together(client, #ids, poll)
  figures.cpu_us_per_poll = (cpu_of(pid) - cpu) * 1e6 / (#ids * options.polls)
  figures.rss_mb = resident_of(pid) / 1e6
  return figures
end

local function round(side, options)
  local folder = os.tmpname()
  os.remove(folder)
  local server <close> = support.start(("%s %s --side %s %s"):format(support.quote(arg[-1]),
    support.quote(arg[0]), side, folder), 2, "^(%d+)$")
  local client <close> = support.library().client { api_key = KEY, base_url = server.first[1] }
  local figures = measure(client, server.pid, options)
  client:close()
  server:stop()
  os.execute("rm -rf " .. folder)
  return figures
end

local function drive(options)
  local results = support.table()
  for _ = 1, options.runs do
    local theirs, ours = round("emulator", options), round("server", options)
    for name, value in pairs(theirs) do
      results:add("emulator_" .. name, value)
    end
    results:add_all(ours)
    results:add("cpu_ratio_to_emulator", ours.cpu_us_per_poll / theirs.cpu_us_per_poll)
  end
  results:print "server"
end

-- }======

support.main("bench/server.lua", function()
  local options = support.options(arg, { runs = 5, trainings = 1000, polls = 10, side = false })
  if options.side then
    serve(options[1], options[2])
  else
    drive(options)
  end
end)
