-- One of the two ways of spec/stress/crash_single.lua, with its own emulator:
--   lua5.4 spec/stress/crash_single_way.lua command|script STEP SECONDS
-- Prints the points tried, all points, the runs that were killed, and the trainings lost and
-- doubled. A point that goes wrong is reported on standard error.

local crash_calls = dofile "spec/stress/crash_calls.lua"
local emulator = require "novita.emulator"
local Canvas = require "novita.image.canvas"
local journals = require "novita.batch.journal"
local lfs = require "lfs"

local RENEW <const> = 40 -- points after which the emulator is restarted, because its ledger grows
local RUN_TIMEOUT <const> = 60 -- seconds for one run, which takes 0.3 s on an idle machine
local REPEATS <const> = 5

local way, step, seconds = arg[1], math.tointeger(tonumber(arg[2])), tonumber(arg[3])
local root, service
local journals_made = 1 -- the seed of a training: a run stops if another journal has the same one

-- {====== the program ======

local commands = {
  command = "lua5.4 bin/novita train %s/anna --prompt ohwx --size 64 --steps 100 --poll 0.05 "
    .. "--list-delay 1 --set seed=%d %s",
  script = "lua5.4 spec/stress/crash_single_script.lua %s %d %s",
}

local function run(before, more)
  local _, how, status = os.execute(("NOVITA_API_KEY=%s NOVITA_BASE_URL=%s timeout -k 1 %d %s %s "
    .. ">%s/out 2>&1"):format(service.api_key, service.base_url, RUN_TIMEOUT, before,
    commands[way]:format(root, journals_made, more or ""), root))
  return how == "signal" and 128 + status or status
end

local function said()
  local file <close> = assert(io.open(root .. "/out"))
  return file:read "a"
end

-- }======

-- {====== the site ======

local function make_photos()
  lfs.mkdir(root .. "/anna")
  for n = 1, 2 do
    local canvas = Canvas.new(96, 64, 3)
    canvas:fill(n * 8, 8, 40, 30, 40, 120, n * 90)
    local file <close> = assert(io.open(("%s/anna/%d.jpg"):format(root, n), "wb"))
    file:write(assert(canvas:encode { format = "jpeg" }))
  end
end

local function start_service()
  if service then
    service:stop()
  end
  service = assert(emulator.start { speed = 200, slots = 20 })
end

local function forget()
  journals_made = journals_made + 1
  for _, ending in ipairs { "", "-wal", "-shm", ".lock", ".lock-journal" } do
    os.remove(root .. "/anna.db" .. ending)
  end
end

-- }======

-- The trainings that the service has beyond `before`, against the one job of the journal.
local function compare(before)
  local tasks, listed = service:ledger().tasks, {}
  for _, task in ipairs(tasks) do
    listed[task.id] = true
  end
  local journal = assert(journals.view(root .. "/anna.db"))
  local jobs, served = 0, 0
  for job in journal:jobs() do
    jobs = jobs + 1
    served = served + (job.stage == "serving" and listed[job.task_id] and 1 or 0)
  end
  journal:close()
  return jobs == 1 and served == 1 and 0 or 1, math.max(0, #tasks - before - 1)
end

local function try(point)
  forget()
  local before = #service:ledger().tasks
  local first = run(("strace -f -o /dev/null -e inject=%s"):format(point))
  local last, repeats = first, 0
  while last ~= 0 and repeats < REPEATS do
    -- After 3 a person looks, and pays again: the paid request may not have been sent.
    last, repeats = run("", last == 3 and "--again" or nil), repeats + 1
  end
  local lost, doubled = compare(before)
  if lost + doubled > 0 or repeats > 2 then
    io.stderr:write(("%s %s: status %d, then %d after %d repeats; lost %d doubled %d\n%s"):format(
      way, point, first, last, repeats, lost, doubled, said()))
  end
  return first ~= 0, lost, doubled
end

local function all_points()
  local trace, list = root .. "/trace", {}
  assert(run(crash_calls.trace(trace, crash_calls.kills)) == 0, said())
  crash_calls.add_points(list, crash_calls.count(trace), crash_calls.kills, "signal=KILL", step)
  return crash_calls.spread(list)
end

do
  local pipe <close> = assert(io.popen "mktemp -d")
  root = pipe:read "l"
end
make_photos()
start_service()
local list, ends = all_points(), os.time() + seconds
local sum = { tried = 0, killed = 0, lost = 0, doubled = 0 }
for i, point in ipairs(list) do
  if os.time() >= ends then
    break
  elseif i % RENEW == 0 then
    start_service()
  end
  local killed, lost, doubled = try(point)
  sum.tried, sum.killed = sum.tried + 1, sum.killed + (killed and 1 or 0)
  sum.lost, sum.doubled = sum.lost + lost, sum.doubled + doubled
end
service:stop()
os.execute("rm -rf " .. root)
print(("%d %d %d %d %d"):format(sum.tried, #list, sum.killed, sum.lost, sum.doubled))
