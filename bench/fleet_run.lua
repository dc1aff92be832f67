-- One runner, for bench/fleet.lua:   lua5.4 bench/fleet_run.lua JOURNAL URL KEY [SECONDS]
-- With SECONDS it is stopped then, and its start does not count.
-- Prints "cpu_seconds statements seconds" of the process.

local novita = require "novita"
local now = require("novita.core").now

local START <const> = 3 -- seconds of an idle runner that do not count

local client <close> = novita.client {
  api_key = arg[3],
  base_url = arg[2],
  poll = { first = 0.2, min = 0.2, max = 0.2, rate = 1000 },
}
local batch <close> = assert(novita.batch { journal = arg[1], client = client })
local connection = batch.journal.store.connection

local function statements()
  return batch.journal.is_shared and connection.statements or 0 -- a file counts none
end

local function report(count, seconds)
  print(("%.3f %d %.3f"):format(os.clock(), count, seconds))
end

local run, began = batch:run { concurrency = 16, trainings_per_minute = 1e6 }, now()
local seconds = tonumber(arg[4])
if seconds then
  run:wait(START)
  local before, from = statements(), now()
  run:wait(seconds)
  report(statements() - before, now() - from)
  run:cancel()
  run:wait()
else
  assert(run:wait())
  report(statements(), now() - began)
end
