--- Scenario: runners are stopped at the system calls of a paid request, from its intent to the
--- record of its task, each at another one, until others have ended their jobs. Then they wake.
--
-- A preloaded library stops them (stop.c). If the environment has CHAOS_WATCHDOG=off, they have no
-- watchdog, and some jobs are paid for twice.

local core = require "novita.core"
local crash_calls = require "stress.crash_calls"
local lfs = require "lfs"
local pause = require("stress.chaos.round").pause

local LIBRARY <const> = (os.getenv "BUILD" or "build") .. "/chaos/stop.so"
local LONGEST <const> = 30 -- seconds for what takes less than 10

local SETUP <const> = [[
  local submit = require "novita.batch.submit"
  local guarded, adopt = submit.guarded, submit.adopt
  function submit.guarded(...)
    os.remove "/paid request/begin"
    return guarded(...)
  end
  function submit.adopt(...)
    adopt(...)
    os.remove "/paid request/end"
  end]]

local AT_ONCE <const> = 12 -- runners

local points, at -- the numbers of calls, and the place of the last one that was used
local stopped, killed

-- Starts a runner that stops at a call. When it has recorded a task, its file has the number of the
-- calls until then.
local function start(round, call)
  local path = os.tmpname()
  local one = round:start {
    prefix = ("env LD_PRELOAD=%s/%s STOP_AT=%d STOP_COUNT=%s"):format(lfs.currentdir(), LIBRARY,
      call, path),
    setup = SETUP,
    concurrency = 1,
    run = os.getenv "CHAOS_WATCHDOG" == "off" and "watchdog = false" or "",
  }
  one.count = path
  return one
end

local function has_recorded(one)
  return lfs.attributes(one.count, "size") > 0
end

-- T: it is stopped; Z: it has ended, and was not waited for
local function state_of(one)
  local file <close> = assert(io.open(("/proc/%s/stat"):format(one.pid)))
  return file:read "a":match "%) (%a)"
end

local function wait_for(is_so)
  local till = core.now() + LONGEST
  while not is_so() and core.now() < till do pause(0.1) end
end

-- Counts the calls of the first request of a runner.
local function count_calls(round)
  local one = start(round, 0)
  wait_for(function() return has_recorded(one) end)
  one:signal "KILL"
  one:output()
  local file <close> = assert(io.open(one.count))
  local count = assert(file:read "n", "no call was counted")
  os.remove(one.count)
  local all = {}
  for i = 1, count do all[i] = i end
  return crash_calls.spread(all)
end

-- Starts runners that will be stopped, each at another point.
local function start_stopping(round)
  local list = {}
  for i = 1, AT_ONCE do
    at = at % #points + 1
    list[i] = start(round, points[at])
  end
  return list
end

local function is_at_rest(list)
  for _, one in ipairs(list) do
    if state_of(one):find "[^TZ]" and not has_recorded(one) then return false end
  end
  return true
end

local function wake(list)
  for _, one in ipairs(list) do
    local was_stopped = state_of(one) == "T"
    one:signal "CONT"
    local _, signal = one:output()
    os.remove(one.count)
    killed = killed + (signal == 9 and 1 or 0)
    stopped = stopped + ((was_stopped or signal == 9) and 1 or 0)
  end
end

local function stop_some(round)
  round:plan(AT_ONCE)
  local list = start_stopping(round)
  wait_for(function() return is_at_rest(list) end)
  local other = round:start { concurrency = 100 }
  wait_for(function() return round:has_ended() end)
  wake(list)
  other:output()
end

local function disturb(round)
  round.service:configure { queue_seconds = 1 }
  points = points or count_calls(round)
  at = at or math.random(#points)
  stopped, killed = 0, 0
  repeat stop_some(round) until core.now() >= round.till
  round.service:configure { queue_seconds = 40 }
  print(("chaos: stops: %d stops at %d calls, %d killed by the watchdog"):format(stopped, #points,
    killed))
end

local function missing()
  return not lfs.attributes(LIBRARY) and LIBRARY .. " was not built: make " .. LIBRARY or nil
end

return {
  { name = "stops", missing = missing, runners = 0, disturb = disturb },
}
