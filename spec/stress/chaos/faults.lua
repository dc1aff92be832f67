--- Scenarios: runners die and stand still, connections end, the server restarts.

local pause = require("stress.chaos.round").pause

-- A runner whose jobs others have taken over wakes up.
local function pauses(round)
  pause(math.random())
  local one = round.fleet[round:any()]
  one:signal "STOP"
  pause(2.5 + math.random())
  one:signal "CONT"
end

local function short_pauses(round)
  local one = round.fleet[round:any()]
  one:signal "STOP"
  pause(0.2 + math.random() / 2)
  one:signal "CONT"
  pause(math.random() / 4)
end

local function all_paused(round)
  for _, one in ipairs(round.fleet) do one:signal "STOP" end
  pause(2.5)
  for _, one in ipairs(round.fleet) do one:signal "CONT" end
  pause(1)
end

local function kills_and_pauses(round)
  local at = round:any()
  local other = round.fleet[at % #round.fleet + 1]
  other:signal "STOP"
  round:replace(at)
  pause(2.5)
  other:signal "CONT"
  pause(0.5)
end

return {
  { name = "nothing", disturb = function() pause(0.5) end },
  { name = "one_crash", disturb = function(round)
    pause(math.random())
    if not round.has_crashed then round.fleet[round:any()]:signal "KILL" end
    round.has_crashed = true
  end },
  { name = "repeated_kills", disturb = function(round)
    pause(0.3 + math.random())
    round:replace(round:any())
  end },
  { name = "pauses", disturb = pauses },
  { name = "short_pauses", disturb = short_pauses },
  { name = "all_paused", disturb = all_paused },
  { name = "backend_kills", disturb = function(round) -- twice a second
    pause(0.5)
    round.server:psql [[SELECT pg_terminate_backend(pid) FROM pg_stat_activity
      WHERE application_name = 'novita']]
  end },
  { name = "server_restart", disturb = function(round)
    pause(1 + math.random())
    round.server:crash()
  end },
  { name = "server_killed", disturb = function(round)
    pause(1 + math.random())
    round.server:crash "KILL"
  end },
  { name = "kills_and_pauses", disturb = kills_and_pauses },
}
