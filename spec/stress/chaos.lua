-- A fleet of processes over PostgreSQL, disturbed in one way after the other: after each, every job
-- serves, and the ledger has each training once. Leases take 2 s.
--   lua5.4 spec/stress/chaos.lua [seconds] [scenario]    the seconds are divided over all

local cluster = require "support.postgresql.cluster"
local core = require "novita.core"
local fixtures = require "support.fixtures"
local journals = require "novita.batch.journal"
local novita = require "novita"
local runner = require "support.postgresql.runner"

local seconds, only = tonumber(arg[1]) or 120, arg[2]
local RUNNERS <const>, JOBS <const> = 3, 12

local missing = cluster.missing()
if missing then
  print("chaos: " .. missing)
  os.exit(true)
end

local server = cluster.start()
local service = fixtures.service()
local folder = fixtures.folder(1)
math.randomseed(tonumber(os.getenv "CHAOS_SEED") or os.time())

local function pause(time)
  os.execute(("sleep %.2f"):format(time))
end

local function any(list)
  return list[math.random(#list)]
end

-- {====== scenarios: each is called again and again while the runners work ======

local scenarios = {
  { "nothing", function() pause(0.5) end },
  { "one_crash", function(fleet)
    pause(math.random())
    if not fleet.once then any(fleet):signal "KILL" end
    fleet.once = true
  end },
  { "repeated_kills", function(fleet)
    pause(0.3 + math.random())
    local at = math.random(#fleet)
    fleet[at]:signal "KILL"
    fleet[at]:output()
    fleet[at] = fleet.start()
  end },
  { "pauses", function(fleet)
    pause(math.random())
    local one = any(fleet)
    one:signal "STOP"
    pause(2.5 + math.random())
    one:signal "CONT"
  end },
  { "short_pauses", function(fleet)
    local one = any(fleet)
    one:signal "STOP"
    pause(0.2 + math.random() / 2)
    one:signal "CONT"
    pause(math.random() / 4)
  end },
  { "all_paused", function(fleet)
    for _, one in ipairs(fleet) do one:signal "STOP" end
    pause(2.5)
    for _, one in ipairs(fleet) do one:signal "CONT" end
    pause(1)
  end },
  { "backend_kills", function()
    pause(0.5)
    server:psql [[SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'novita']]
  end },
  { "server_restart", function()
    pause(1 + math.random())
    server:crash()
  end },
  { "server_killed", function()
    pause(1 + math.random())
    server:crash "KILL"
  end },
  { "kills_and_pauses", function(fleet)
    local at = math.random(#fleet)
    local other = fleet[at % #fleet + 1]
    other:signal "STOP"
    fleet[at]:signal "KILL"
    fleet[at]:output()
    fleet[at] = fleet.start()
    pause(2.5)
    other:signal "CONT"
    pause(0.5)
  end },
}

-- }======

-- {====== one round ======

local rounds = 0

local function plan()
  rounds = rounds + 1
  server:create("round" .. rounds)
  local uri = server:uri("round" .. rounds)
  assert(journals.make(uri)):close()
  local jobs = {}
  for i = 1, JOBS do
    jobs[i] = fixtures.form(folder.path, { name = ("job %d of %d"):format(i, rounds) })
  end
  assert(novita.batch { journal = uri, jobs = jobs }):close()
  return uri
end

local function start_fleet(uri)
  local fleet = {}
  function fleet.start()
    return runner.start(service, uri)
  end
  for i = 1, RUNNERS do fleet[i] = fleet.start() end
  return fleet
end

-- A server that starts again refuses for a moment.
local function counts(uri)
  local journal = journals.view(uri)
  local ok, found = pcall(function() return journal and journal:counts() end)
  if journal then journal:close() end
  return ok and found or {}
end

local function disturb(uri, fleet, scenario, till)
  while core.now() < till and (counts(uri).serving or 0) < JOBS do scenario(fleet) end
end

-- The machines that are left, or a last one, end the batch.
local function finish(uri, fleet)
  for _, one in ipairs(fleet) do
    one:signal "CONT"
    one:output()
  end
  runner.start(service, uri):output()
end

local function count_jobs(uri)
  local journal = assert(journals.view(uri))
  local named, known, doubled, lost, orphaned = {}, {}, 0, 0, 0
  for job in journal:jobs() do
    known[job.task_id or ""] = true
    lost = lost + ((job.stage == "serving" or job.stage == "needs_review") and 0 or 1)
  end
  for _, task in ipairs(service:ledger().tasks) do
    if task.name:sub(1, 8) == journal.id then
      named[task.name] = (named[task.name] or 0) + 1
      doubled = doubled + (named[task.name] > 1 and 1 or 0)
      orphaned = orphaned + (known[task.id] and 0 or 1)
    end
  end
  journal:close()
  return lost, doubled, orphaned
end

local function run(name, scenario, time)
  local uri = plan()
  local fleet = start_fleet(uri)
  disturb(uri, fleet, scenario, core.now() + time)
  finish(uri, fleet)
  local lost, doubled, orphaned = count_jobs(uri)
  print(("bench chaos %s jobs %d lost %d doubled %d orphaned %d"):format(name, JOBS, lost, doubled,
    orphaned))
  io.stdout:flush()
  return lost + doubled + orphaned == 0
end

-- }======

service:configure { queue_seconds = 40 } -- of the fast clock
local fine, count = true, only and 1 or #scenarios
for _, scenario in ipairs(scenarios) do
  if not only or scenario[1] == only then
    fine = run(scenario[1], scenario[2], seconds / count) and fine
  end
end
service:stop()
server:stop()
getmetatable(folder).__close(folder)
os.exit(fine)
