-- Kills a batch at every system call that could matter, resumes it, and compares the service's
-- ledger with the journal.   lua5.4 spec/stress/crash.lua [step [seconds [log]]]
--
-- A batch of six jobs that keeps its models and makes sample images runs in its own process under
-- strace. strace kills it at the entry of the Nth write, sync, send, receive, close, rename, unlink
-- or truncate, or makes that call
-- fail with ENOSPC or EIO; N takes every `step`th value of a whole run. Then the batch is resumed
-- and must finish (spec/stress/crash_points.lua, two at a time). With `seconds`, only the points
-- that fit into that time are tried, evenly spread. Points in `log` were tried before: they are
-- counted and not tried again, so that the whole can be done in parts.

local crash_calls = dofile "spec/stress/crash_calls.lua"
local new_site = dofile "spec/stress/crash_fixture.lua"

local PARTS <const> = 2

local kills = crash_calls.kills
local failing = { "pwrite64", "fdatasync", "fsync", "sendto", "sendmsg", "recvfrom", "recvmsg",
  "close", "unlink", "ftruncate" }

local kinds = {
  { title = "crash", what = "signal=KILL", calls = kills },
  { title = "crash_enospc", what = "error=ENOSPC", calls = failing },
  { title = "crash_eio", what = "error=EIO", calls = failing },
}

local step = math.tointeger(tonumber(arg[1] or "1")) or 1
local seconds = tonumber(arg[2] or "") or 1e9
local log = arg[3] or os.tmpname()

-- {====== the points ======

local function count_calls()
  local site <close> = new_site()
  local trace = site.root .. "/trace"
  assert(site:run(crash_calls.trace(trace, kills)) == 0, site:said())
  return crash_calls.count(trace)
end

local function points(counts)
  local list = {}
  for _, kind in ipairs(kinds) do
    crash_calls.add_points(list, counts, kind.calls, kind.what, step)
  end
  return list
end

-- }======

-- {====== the log ======

local COUNTED <const> = { "lost", "doubled", "orphaned", "repeated", "paid", "saved", "unclear",
  "images_lost", "images_doubled", "models_lost", "models_again" }
local NAMES <const> = { "first", "last", "resumes", table.unpack(COUNTED) }

local function tried()
  local found, file = {}, io.open(log)
  for line in file and file:lines() or function() end do
    local point, rest = line:match "^(%S+) (.*)$"
    local facts = {}
    for number in rest:gmatch "%d+" do
      facts[NAMES[#facts + 1]], facts[#facts + 1] = tonumber(number), true
    end
    found[point] = facts
  end
  if file then
    file:close()
  end
  return found
end

local function sum(found, kind)
  local total = { points = 0, interrupted = 0 }
  for _, name in ipairs(COUNTED) do
    total[name] = 0
  end
  for point, facts in pairs(found) do
    if point:find(kind.what, 1, true) then
      total.points = total.points + 1
      total.interrupted = total.interrupted + (facts.first ~= 0 and 1 or 0)
      for _, name in ipairs(COUNTED) do
        total[name] = total[name] + facts[name]
      end
    end
  end
  return total
end

-- }======

local function write_list(list, before)
  local path = os.tmpname()
  local file <close> = assert(io.open(path, "w"))
  for _, point in ipairs(list) do
    if not before[point] then
      file:write(point, "\n")
    end
  end
  return path
end

local function try_all(list)
  local path, parts = write_list(list, tried()), {}
  for part = 0, PARTS - 1 do
    parts[part + 1] = assert(io.popen(("lua5.4 spec/stress/crash_points.lua %s %s %d %d %d")
      :format(path,
      log, part, PARTS, seconds)))
  end
  local well = true
  for _, pipe in ipairs(parts) do
    well = pipe:close() and well
  end
  os.remove(path)
  return well
end

local began, list = os.time(), crash_calls.spread(points(count_calls()))
local well = try_all(list)
local found, done = tried(), 0
for _, kind in ipairs(kinds) do
  local total = sum(found, kind)
  print(("bench %s points %d lost %d doubled %d orphaned %d"):format(kind.title, total.points,
    total.lost, total.doubled, total.orphaned))
  print(("bench %s uploads_repeated %d"):format(kind.title, total.repeated))
  print(("bench %s images paid %d saved %d unclear %d lost %d doubled %d"):format(kind.title,
    total.paid, total.saved, total.unclear, total.images_lost, total.images_doubled))
  print(("bench %s models lost %d fetched_again %d"):format(kind.title, total.models_lost,
    total.models_again))
  io.stderr:write(("# %s: %d of %d runs were interrupted\n"):format(kind.title, total.interrupted,
    total.points))
  done = done + total.points
  well = well and total.points > 0
    and total.lost + total.doubled + total.orphaned + total.repeated + total.images_lost
      + total.images_doubled + total.models_lost + total.models_again == 0
end
io.stderr:write(("# %d of %d points, in %d s\n"):format(done, #list, os.time() - began))
if not arg[3] then
  os.remove(log)
end
os.exit(well)
