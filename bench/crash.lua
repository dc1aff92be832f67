-- Kills a batch at every system call that could matter, resumes it, and compares the service's
-- ledger with the journal.   lua5.4 bench/crash.lua [step [seconds]]
--
-- A batch of six jobs runs in a process of its own under strace, which kills it when it enters
-- the Nth write, sync, send, receive or close, for every stepth N of a whole run; or fails the
-- Nth write or sync with ENOSPC or EIO. Then it is started again and must come to its end. The
-- emulator is in this process. lost: a job that does not serve, or whose task the service does
-- not know; doubled: tasks beyond one per name; orphaned: tasks that no job knows. With
-- `seconds` the points that fit into that time are tried, evenly spread.

local emulator = require "novita.emulator"
local journal = require "novita.batch.journal"
local lfs = require "lfs"
local picture = require "novita.picture"

local JOBS <const> = { "anna", "bert", "cleo", "dora", "emil", "fred" }
local RENEW <const> = 40 -- runs after which the emulator is a new one: its ledger grows

local kills = { "write", "pwrite64", "fdatasync", "fsync", "sendto", "sendmsg", "recvfrom",
  "recvmsg", "close", "unlink", "ftruncate" }
local failing = { "pwrite64", "fdatasync", "fsync", "ftruncate" }

local step = math.tointeger(tonumber(arg[1] or "1")) or 1
local seconds = tonumber(arg[2] or "")

-- {====== the folder ======

local function run(command, ...)
  local _, how, status = os.execute(command:format(...))
  return how == "signal" and 128 + status or status
end

local function output(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

local root = output("mktemp -d"):gsub("%s", "")

local function make_people()
  lfs.mkdir(root .. "/people")
  for i, name in ipairs(JOBS) do
    lfs.mkdir(root .. "/people/" .. name)
    for n = 1, 2 do
      local canvas = picture.new(96, 64, 3)
      canvas:fill(n * 8, 8, 40, 30, i * 40, 120, n * 90)
      local path = ("%s/people/%s/%d.jpg"):format(root, name, n)
      local file <close> = assert(io.open(path, "wb"))
      file:write(assert(canvas:encode { format = "jpeg" }))
    end
  end
end

local function forget_journal()
  for _, ending in ipairs { "", "-wal", "-shm", ".lock", ".lock-journal" } do
    os.remove(root .. "/run.db" .. ending)
  end
end

-- }======

local service, runs = nil, 0

local function renew()
  if service and runs % RENEW ~= 0 then
    return
  end
  if service then
    service:stop()
  end
  service = assert(emulator.start { speed = 200, slots = 20 })
end

local function worker(before)
  return run("timeout -k 1 60 %s lua5.4 bench/crash_worker.lua %s %s %s >%s/out 2>&1", before, root,
    service.url, service.key, root)
end

local function said()
  local file <close> = assert(io.open(root .. "/out"))
  return file:read "a"
end

-- {====== the two accounts ======

local function tasks_by_name(batch)
  local named = {}
  for _, task in ipairs(service:ledger().tasks) do
    if task.name:find("-" .. batch .. "-", 1, true) then
      named[task.name] = named[task.name] or {}
      table.insert(named[task.name], task.id)
    end
  end
  return named
end

local function count_rest(named, known)
  local doubled, orphaned = 0, 0
  for _, ids in pairs(named) do
    doubled = doubled + #ids - 1
    for _, id in ipairs(ids) do
      orphaned = orphaned + (known[id] and 0 or 1)
    end
  end
  return doubled, orphaned
end

local function compare()
  local book = assert(journal.view(root .. "/run.db"))
  local named, known, lost, jobs = tasks_by_name(book.id), {}, 0, 0
  for job in book:jobs() do
    jobs = jobs + 1
    local ids = named[job.task_name]
    known[job.task_id or ""] = true
    lost = lost + (job.state == "serving" and ids and ids[1] and 0 or 1)
  end
  book:close()
  return lost + #JOBS - jobs, count_rest(named, known)
end

-- }======

-- {====== the points ======

local calls = { kill = kills, fail = failing }

local function count_calls()
  renew()
  forget_journal()
  local all = table.concat(kills, ",")
  assert(worker(("strace -f -o %s/trace -e trace=%s"):format(root, all)) == 0, said())
  local counts = {}
  for line in io.lines(root .. "/trace") do
    local pid, name = line:match "^(%d+)%s+([%w_]+)%("
    if name then
      counts[name] = counts[name] or {}
      counts[name][pid] = (counts[name][pid] or 0) + 1
    end
  end
  local most = {} -- strace counts for each thread by itself
  for name, by_thread in pairs(counts) do
    for _, count in pairs(by_thread) do
      most[name] = math.max(most[name] or 0, count)
    end
  end
  return most
end

local function points(counts)
  local list = {}
  local function add(names, what)
    for _, name in ipairs(names) do
      for n = 1, counts[name] or 0, step do
        list[#list + 1] = { inject = ("%s:%s:when=%d"):format(name, what, n), what = what }
      end
    end
  end
  add(calls.kill, "signal=KILL")
  add(calls.fail, "error=ENOSPC")
  add(calls.fail, "error=EIO")
  return list
end

-- }======

local totals = { ["signal=KILL"] = {}, ["error=ENOSPC"] = {}, ["error=EIO"] = {} }

local function add(what, name, count)
  totals[what][name] = (totals[what][name] or 0) + count
end

local function try(point)
  renew()
  runs = runs + 1
  forget_journal()
  local first = worker(("strace -f -o /dev/null -e inject=%s"):format(point.inject))
  local status, again = first, 0
  while status ~= 0 and again < 3 do
    status, again = worker "", again + 1
  end
  local lost, doubled, orphaned = compare()
  add(point.what, "points", 1)
  add(point.what, "interrupted", first ~= 0 and 1 or 0)
  add(point.what, "lost", lost)
  add(point.what, "doubled", doubled)
  add(point.what, "orphaned", orphaned)
  if lost + doubled + orphaned > 0 or again > 1 or first == 4 or first == 124 then
    io.stderr:write(("%s: status %d, then %d after %d resumes: lost %d doubled %d orphaned %d\n%s")
      :format(point.inject, first, status, again, lost, doubled, orphaned, said()))
  end
end

local function report(what, title)
  local t = totals[what]
  print(("bench %s points %d lost %d doubled %d orphaned %d"):format(title, t.points or 0,
    t.lost or 0, t.doubled or 0, t.orphaned or 0))
  return (t.lost or 0) + (t.doubled or 0) + (t.orphaned or 0)
end

make_people()
local list = points(count_calls())
local began, done = os.time(), 0
-- evenly spread even when the time runs out: a stride that shares no factor with the count
local stride = 1
for candidate = #list * 5 // 8, #list do
  local a, b = candidate, #list
  while b > 0 do
    a, b = b, a % b
  end
  if a == 1 then
    stride = candidate
    break
  end
end
for i = 0, #list - 1 do
  if seconds and os.time() - began >= seconds then
    break
  end
  try(list[i * stride % #list + 1])
  done = done + 1
end
local bad = report("signal=KILL", "crash") + report("error=ENOSPC", "crash_enospc")
  + report("error=EIO", "crash_eio")
print(("%d of %d points tried in %d s; %d + %d + %d runs were really interrupted"):format(done,
  #list, os.time() - began, totals["signal=KILL"].interrupted or 0,
  totals["error=ENOSPC"].interrupted or 0, totals["error=EIO"].interrupted or 0))
service:stop()
os.execute("rm -rf " .. root)
os.exit(bad == 0 and done > 0)
