--- Scenario: the primary dies with all runners except one, and a standby without its last
--- changes takes over. If the environment has CHAOS_FAILOVER=off, the runner does not see that, and
--- some jobs are paid for twice.

local core = require "novita.core"
local pair = require "support.postgresql.pair"
local pause = require("stress.chaos.round").pause

local RATE <const> = 120 -- trainings a minute, so that some are paid for at any time

local function before(round)
  round.options = { run = ("trainings_per_minute = %d"):format(RATE) }
  if os.getenv "CHAOS_FAILOVER" == "off" then -- runners do not see the change
    round.options.setup = [[
      local words = require "novita.batch.store.dialects"
      local postgresql = words.postgresql
      words.postgresql = function(sql) return postgresql((sql:gsub("SERVER", "'same'"))) end]]
  end
end

-- Until there are trainings that the standby does not know.
local function lose_some(round)
  local count, till = round:trainings(), core.now() + 20
  while round:trainings() < count + 4 and core.now() < till do pause(0.1) end
end

local function fail_over(round)
  if round.has_failed_over then
    return pause(0.5)
  end
  pause(1)
  round.server:cut_off_standby()
  lose_some(round)
  for i = 2, #round.fleet do round.fleet[i]:signal "KILL" end
  round.has_failed_over = true
  round.server:promote()
  round.lacked = round:trainings() - round:psql "SELECT COUNT(*) FROM job WHERE posts > 0"
end

local function after(round)
  print(("chaos: failover: the standby lacked %d trainings"):format(round.lacked))
  return round.lacked == 0 and "the standby lacked nothing" or nil
end

return {
  { name = "failover", server = pair.start, before = before, disturb = fail_over,
    after = after },
}
