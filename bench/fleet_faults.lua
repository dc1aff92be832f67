-- The five faults of a public comparison of job queues, for bench/fleet.lua: three runners of a
-- fleet, and then three workers of pg-boss, meet each of them. Trainings that the ledger of the
-- service has twice were paid for twice.

local cluster = require "support.postgresql.cluster"
local core = require "novita.core"
local fixtures = require "support.fixtures"
local Round = require "stress.chaos.round"

local PEER <const> = (os.getenv "BUILD" or "build") .. "/pg_boss_peer"
local START <const>, WAIT <const> = 5, 60 -- seconds until they work, and until they have ended

local WANTED <const> = { "one_crash", "repeated_kills", "server_restart", "backend_kills",
  "pool_exhausted" }

local faults = {}

local function scenarios()
  local by_name, list = {}, {}
  for _, name in ipairs { "faults", "poolers" } do
    for _, one in ipairs(require("stress.chaos." .. name)) do by_name[one.name] = one end
  end
  for i, name in ipairs(WANTED) do list[i] = assert(by_name[name], name) end
  return list
end

-- {====== pg-boss ======

local function have_peer()
  if not os.execute "command -v node >/dev/null && command -v npm >/dev/null" then
    return false
  end
  return os.execute(("test -d %s/node_modules/pg-boss || npm install --silent --no-audit --no-fund "
    .. "--prefix %s pg-boss@10 >/dev/null"):format(PEER, PEER)) == true
end

local Worker = {}
Worker.__index = Worker

local function node(...)
  return ("NODE_PATH=%s/node_modules exec node bench/peers/fleet_pg_boss.cjs %s"):format(PEER,
    table.concat({ ... }, " "))
end

function Worker:signal(name)
  os.execute(("kill -%s %s 2>/dev/null"):format(name, self.pid))
end

-- Only of one that was killed.
function Worker:output()
  self.pipe:close()
end

-- It has what the scenarios need of a round.
local Peer = setmetatable({}, { __index = Round })
Peer.__index = Peer

function Peer:start()
  local pipe = assert(io.popen("echo $$; " .. node("work", self.server.path, self.database,
    self.service.base_url, self.service.api_key, self.asset, ">/dev/null 2>&1")))
  return setmetatable({ pipe = pipe, pid = pipe:read "l" }, Worker)
end

local function in_state(self, state)
  return tonumber(self:psql(("SELECT COUNT(*) FROM pgboss.job WHERE name = 'train' "
    .. "AND state = '%s'"):format(state))) or 0
end

local function wait_until(self, state, count, seconds)
  local till = core.now() + seconds
  while in_state(self, state) < count and core.now() < till do self.pause(0.1) end
end

local function count(self)
  local times, doubled, lost = {}, 0, Round.JOBS
  for _, task in ipairs(self.service:ledger().tasks) do
    if task.name:find("^" .. self.database .. "%-") then
      times[task.name] = (times[task.name] or 0) + 1
      doubled, lost = doubled + (times[task.name] > 1 and 1 or 0),
        lost - (times[task.name] == 1 and 1 or 0)
    end
  end
  return doubled, lost
end

local function run_peer(given, scenario, seconds)
  local self = setmetatable(given, Peer)
  self.database, self.uri, self.fleet = "peer_" .. scenario.name, nil, {}
  self.server:create(self.database)
  self:psql(("GRANT CREATE ON DATABASE %s TO runner"):format(self.database))
  assert(os.execute(node("plan", self.server.path, self.database, Round.JOBS)))
  for i = 1, Round.RUNNERS do self.fleet[i] = self:start() end
  local began = core.now()
  repeat
    wait_until(self, "active", Round.RUNNERS, START) -- a worker takes a while to begin
    scenario.disturb(self)
  until core.now() - began >= seconds or in_state(self, "completed") == Round.JOBS
  self.fleet[#self.fleet + 1] = self:start() -- one that lives
  wait_until(self, "completed", Round.JOBS, WAIT)
  for _, one in ipairs(self.fleet) do
    one:signal "KILL"
    one:output()
  end
  print(("bench fleet pg_boss %s jobs %d lost %d doubled %d"):format(scenario.name, Round.JOBS,
    select(2, count(self)), (count(self))))
end

-- }======

-- An id of an uploaded photo.
local function upload(service, folder)
  local client <close> = fixtures.client(service)
  return assert(client.assets:upload { path = folder.path .. "/photo01.jpg" })
end

--- Prints a line for each fault and each side.
---@param seconds number divided over all
function faults.run(seconds)
  local server, service, folder = cluster.start(), fixtures.service(), fixtures.folder(1)
  server:psql "CREATE ROLE novita_runner"
  server:psql "CREATE ROLE runner LOGIN IN ROLE novita_runner"
  service:configure { queue_seconds = 40 } -- of the fast clock
  local peer = have_peer()
  if not peer then
    print "bench fleet pg_boss: it needs node and npm (apt-get install nodejs npm)"
  end
  local each = seconds / #WANTED / 2
  for _, scenario in ipairs(scenarios()) do
    Round.run({ server = server, service = service, folder = folder.path }, scenario, each)
    if peer then
      run_peer({ server = server, service = service, asset = upload(service, folder) }, scenario,
        each)
    end
  end
  service:stop()
  server:stop()
  getmetatable(folder).__close(folder)
end

return faults
