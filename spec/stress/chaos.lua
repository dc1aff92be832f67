-- A fleet of processes over PostgreSQL, disturbed in one way after the other: after each, every job
-- serves, and the ledger has each training once. Leases take 2 s.
--   lua5.4 spec/stress/chaos.lua [seconds] [scenario...]    the seconds are divided over all

local cluster = require "support.postgresql.cluster"
local fixtures = require "support.fixtures"
local round = require "stress.chaos.round"

local seconds = tonumber(arg[1]) or 120
local wanted = table.move(arg, 2, #arg, 1, {})

local missing = cluster.missing()
if missing then
  print("chaos: " .. missing)
  os.exit(true)
end

local function scenarios()
  local all, by_name, chosen = {}, {}, {}
  for _, name in ipairs { "faults", "poolers", "clocks", "networks", "members",
    "stops", "responses", "failover" } do
    for _, one in ipairs(require("stress.chaos." .. name)) do
      all[#all + 1], by_name[one.name] = one, one
    end
  end
  for i, name in ipairs(wanted) do
    chosen[i] = assert(by_name[name], "no scenario " .. name)
  end
  return chosen[1] and chosen or all
end

math.randomseed(tonumber(os.getenv "CHAOS_SEED") or os.time())
local list = scenarios()
local server = cluster.start()
local service = fixtures.service()
service:configure { queue_seconds = 40 } -- of the fast clock
local folder = fixtures.folder(1)
local fine = true
for _, scenario in ipairs(list) do
  missing = scenario.missing and scenario.missing()
  if missing then
    print(("chaos: %s: %s"):format(scenario.name, missing))
  else
    fine = round.run({ server = server, service = service, folder = folder.path }, scenario,
      seconds / #list) and fine
  end
end
service:stop()
server:stop()
getmetatable(folder).__close(folder)
os.exit(fine)
