--- Scenarios: PgBouncer is in between, and connections run out.

local connection = require "novita.batch.store.postgresql_connection"
local pooler = require "support.postgresql.pooler"
local pause = require("stress.chaos.round").pause
local scheduler = require "novita.async.scheduler"

local function behind(mode)
  return function(round)
    round.pooler = pooler.start(round.server, mode)
    round.direct = round.uri
    round.uri = round.pooler:uri(round.database, "runner")
  end
end

-- Runners get each other's connections, two of them for all.
local function kill_backends(round)
  pause(0.5)
  round.server:psql [[SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE usename = 'runner']]
end

local function stop(round)
  round.pooler:stop()
end

-- The others are connected directly.
local function refuse(round)
  behind "statement"(round)
  round.refused = round:start():output()
  round.uri = round.direct
end

-- Takes all connections, and ends those of the runners.
local function exhaust(round)
  pause(0.5)
  local taken, uri = {}, round.server:uri(round.database, "runner")
  local loop = scheduler.own()
  repeat
    local one, err = connection.open(uri, loop)
    taken[#taken + 1] = one
  until err
  round.exhausted = #taken
  kill_backends(round)
  for _, one in ipairs(taken) do one:close() end
end

return {
  { name = "pooler", missing = pooler.missing, before = behind "transaction", after = stop,
    disturb = kill_backends },
  { name = "pooler_killed", missing = pooler.missing, before = behind "transaction", after = stop,
    disturb = function(round)
      pause(0.3 + math.random())
      round.pooler:crash()
    end },
  { name = "statement_pooler", missing = pooler.missing, before = refuse,
    disturb = function() pause(0.5) end, after = function(round)
      stop(round)
      return not round.refused:find "statement mode" and "not refused: " .. round.refused or nil
    end },
  { name = "pool_exhausted", disturb = exhaust },
}
