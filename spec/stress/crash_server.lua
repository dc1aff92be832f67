-- Kills a server at every system call that could matter, under a batch that keeps polling, starts
-- it again, and compares its database with the jobs.
--   lua5.4 spec/stress/crash_server.lua [step [seconds [part parts]]]
-- strace kills it at the entry of the Nth write, sync, rename, accept or spawn, or makes that call
-- fail with ENOSPC or EIO; N takes every `step`th value of a whole run. With `seconds`, only the
-- points that fit into that time are tried, evenly spread. With `part` (from 1) and `parts`, only
-- that share of the points is tried, so that several processes do the whole. Lost: a job without a
-- model. Doubled: a job that was trained as two tasks. Orphaned: a trainer that still runs at the
-- end.

local Future = require "novita.async.future"
local crash_calls = dofile "spec/stress/crash_calls.lua"
local fake = dofile "spec/server/fake_trainers.lua"
local lfs = require "lfs"
local novita_core = require "novita.core"
local process = require "novita.server.process"
local scheduler = require "novita.async.scheduler"
local server_core = require "novita.server.core"
local sqlite = require "novita.sqlite"

local JOBS <const> = 6
local ATTEMPTS <const> = 20 -- of the batch
local LONGEST <const> = 180 -- seconds of a run: what has not ended by then is lost
local CALLS <const> = { "pwrite64", "fdatasync", "fsync", "rename", "mkdir", "link", "accept4",
  "clone3", "clone", "vfork", "sendto", "ftruncate" }
local FAILING <const> = { "pwrite64", "fdatasync", "fsync", "rename", "mkdir", "ftruncate" }
local KINDS <const> = {
  { title = "crash-server", what = "signal=KILL", calls = CALLS },
  { title = "crash-server_enospc", what = "error=ENOSPC", calls = FAILING },
  { title = "crash-server_eio", what = "error=EIO", calls = FAILING },
}

local step = math.tointeger(tonumber(arg[1] or "1")) or 1
local seconds = tonumber(arg[2] or "") or 1e9
local part, parts = tonumber(arg[3] or "1"), tonumber(arg[4] or "1")

-- {====== one run ======

local function new_folder()
  local path = os.tmpname()
  os.remove(path)
  assert(server_core.make_folder(path))
  local file <close> = assert(io.open(path .. "/model", "wb"))
  file:write(fake.model)
  return path
end

-- A server, under a command such as strace; its trainers outlive it.
local function start_server(folder, port, prefix)
  local argv = table.move(prefix, 1, #prefix, 1, {})
  table.move({ "lua5.4", "spec/stress/crash_server_program.lua", folder, tostring(port) }, 1, 4,
    #argv + 1, argv)
  local url = Future.new { loop = scheduler.own() }
  local handle = assert(process.start { argv = argv, on_line = function(stream, line)
    if stream == 0 then url:finish(line) end
  end })
  return handle, url
end

-- A server whose address is known, started again if it is killed before that.
local function server_with_url(folder, port, prefix)
  for _ = 1, 10 do
    local handle, url = start_server(folder, port, prefix)
    while not url:done() and not handle:done() do
      url:wait(0.05)
    end
    if url:done() then
      return handle, url:result(), prefix
    end
    prefix = {}
  end
  error("the server does not start: " .. folder)
end

-- Runs the batch to its end, with a server beside it. Returns how often that was started again.
local function run(folder, prefix)
  local handle, url, first = server_with_url(folder, 0, prefix)
  local port, attempts, restarts = url:match ":(%d+)$", 0, first == prefix and 0 or 1
  local deadline, batch = novita_core.now() + LONGEST, nil
  repeat
    if not batch or batch:done() then
      attempts = attempts + 1
      batch = assert(process.start { argv = { "lua5.4", "spec/stress/crash_server_worker.lua",
        folder, url } })
    end
    batch:wait(0.05)
    if handle:done() then
      handle, restarts = server_with_url(folder, port, {}), restarts + 1
    end
  until batch:done() and (batch:result().status == 0 or attempts == ATTEMPTS)
    or novita_core.now() > deadline
  handle.loop:drop(batch.op)
  handle.loop:drop(handle.op)
  return restarts
end

-- }======

-- {====== the result ======

local function one(db, sql)
  local statement <close> = assert(db:prepare(sql))
  return assert(statement:step()).n
end

local function orphans(folder)
  local count = 0
  for name in lfs.dir "/proc" do
    local cwd = name:find "^%d+$" and lfs.symlinkattributes("/proc/" .. name .. "/cwd", "target")
    if cwd and cwd:sub(1, #folder + 1) == folder .. "/" then
      count = count + 1
    end
  end
  return count
end

local function facts_of(folder)
  local db <close> = assert(sqlite.open(folder .. "/data/server.db"))
  local serving = one(db, "SELECT COUNT(*) AS n FROM training WHERE status = 'SUCCESS'")
  local all = one(db, "SELECT COUNT(*) AS n FROM training")
  return { lost = math.max(JOBS - serving, 0), doubled = math.max(all - JOBS, 0),
    orphaned = orphans(folder) }
end

-- }======

local function strace(more)
  return table.move(more, 1, #more, 6, { "strace", "-f", "-qq", "-b", "execve" })
end

local function count_calls()
  local folder = new_folder()
  local trace = folder .. "/trace"
  run(folder, strace { "-o", trace, "-e", "trace=" .. table.concat(CALLS, ",") })
  local counts = crash_calls.count(trace)
  os.execute("rm -rf " .. folder)
  return counts
end

-- Tries one point, and keeps its folder if something is wrong.
local function try(point, total)
  local folder, calls = new_folder(), point:match "^[^:]+"
  local restarts = run(folder, strace { "-o", "/dev/null", "-e", "trace=" .. calls,
    "-e", "inject=" .. point })
  total.points = total.points + 1
  total.interrupted = total.interrupted + (restarts > 0 and 1 or 0)
  local wrong = 0
  for name, count in pairs(facts_of(folder)) do
    total[name], wrong = total[name] + count, wrong + count
  end
  if wrong > 0 then
    io.stderr:write(("# %s: see %s\n"):format(point, folder))
  else
    os.execute("rm -rf " .. folder)
  end
  return wrong == 0
end

-- Points are shared by their number, so the shares stay disjoint though two runs count differently.
local function share(list)
  local mine = {}
  for _, point in ipairs(list) do
    if tonumber(point:match "%d+$") % parts == part - 1 then
      mine[#mine + 1] = point
    end
  end
  return mine
end

local began, list, totals, well, tried = novita_core.now(), {}, {}, true, 0
local counts = count_calls()
for _, kind in ipairs(KINDS) do
  totals[kind.what] = { points = 0, interrupted = 0, lost = 0, doubled = 0, orphaned = 0 }
  crash_calls.add_points(list, counts, kind.calls, kind.what, step)
end
list = share(list)
for _, point in ipairs(crash_calls.spread(list)) do
  if novita_core.now() - began > seconds then
    break
  end
  well = try(point, totals[point:match ":(.-):"]) and well
  tried = tried + 1
  if tried % 50 == 0 then
    io.stderr:write(("# %d of %d points, in %.0f s\n"):format(tried, #list,
      novita_core.now() - began))
  end
end
for _, kind in ipairs(KINDS) do
  local total = totals[kind.what]
  print(("bench %s points %d lost %d doubled %d orphaned %d"):format(kind.title, total.points,
    total.lost, total.doubled, total.orphaned))
  io.stderr:write(("# %s: the server was started again in %d of %d runs\n"):format(kind.title,
    total.interrupted, total.points))
  well = well and total.points > 0
end
io.stderr:write(("# of %d points, in %.0f s\n"):format(#list, novita_core.now() - began))
os.exit(well)
