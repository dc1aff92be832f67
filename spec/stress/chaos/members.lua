--- Scenarios: who works in the fleet, and how fast it may work.

local core = require "novita.core"
local pause = require("stress.chaos.round").pause
local tables = require "novita.batch.store.postgresql_tables"

local function wait()
  pause(0.5)
end

-- {====== ids ======

local SAME_ID <const> = [[
  local postgresql = require "novita.batch.store.postgresql"
  local open = postgresql.open
  function postgresql.open(...)
    local store, err = open(...)
    if store then
      store.me = "0000000000000000"
      %s
    end
    return store, err
  end]]

-- As in the copy of a virtual machine that was made while the runner worked.
local CLONED <const> = [[
  local take_over = store.take_over
  store.take_over = function(self, seconds)
    local result = take_over(self, seconds)
    self.me = "0000000000000000"
    return result
  end]]

local function with_setup(...)
  local setup = SAME_ID:format(...)
  return function(round)
    round.options = { setup = setup }
  end
end

-- Clones disturb each other until one is left.
local function keep_one(round)
  for i = 2, #round.fleet do round.fleet[i]:signal "KILL" end
end

-- }======

-- {====== versions ======

local OLDER <const> = 'require("novita.batch.store.postgresql_tables").VERSION = %d'

local function one_older(round)
  round.first = { setup = OLDER:format(tables.VERSION - 1) }
end

-- Now the first one is older by two versions.
local function update(round)
  wait()
  round:psql(("UPDATE meta SET value = '%d' WHERE key = 'version'"):format(tables.VERSION + 1))
  wait()
end

local function has_stopped(round)
  return not round.outputs[1]:find "newer novita" and "it continued: " .. round.outputs[1] or nil
end

-- }======

-- {====== draining, limits ======

local function drain(round)
  pause(0.3 + math.random())
  local at = round:any()
  round:psql("UPDATE runner SET drain = 1 WHERE process = " .. round.fleet[at].pid)
  round.fleet[at]:output()
  round.fleet[at] = round:start()
end

local MOST <const>, PER_SECOND <const> = 7, 2

-- The limits begin anew when no runner is left, so one more is said to be there.
local function limit(round)
  round.options = { run = ("max_trainings = %d, trainings_per_minute = %d"):format(MOST,
    PER_SECOND * 60) }
  round:psql [[INSERT INTO runner (id, host, process, version, lease, started_at, seen_at)
    VALUES ('other', 'other', 0, '', 1e6, 0, extract(epoch FROM clock_timestamp()))]]
end

local function check_limits(round)
  local count, most = round:trainings(), 1 + (core.now() - round.began) * PER_SECOND
  if count > math.min(most, MOST) then
    round.wrong = ("%d trainings, of %.1f by now"):format(count, most)
  end
end

local function kill_within_limits(round)
  pause(0.2 + math.random() / 2)
  round:replace(round:any())
  check_limits(round)
end

-- The last runner, which has no limits, ends the batch.
local function free(round)
  for _, one in ipairs(round.fleet) do one:signal "KILL" end
  check_limits(round)
end

-- }======

-- {====== a budget ======

local FITS <const> = 7 -- of 12 trainings, which cost 1 USD

local function give_budget(round)
  round.service:configure { balance = 1e9 }
  round.options = { run = ("budget = %d.5"):format(FITS) }
end

local function check_budget(round)
  local count = round:trainings()
  if count > FITS then
    round.wrong = ("%d trainings, and the budget has room for %d"):format(count, FITS)
  end
end

-- Now and then one lives until it has seen a price, which takes some seconds.
local function kill_within_budget(round)
  pause(0.2 + 6 * math.random() ^ 2)
  round:replace(round:any())
  check_budget(round)
end

-- The last runner, which has no budget, ends the batch.
local function without_budget(round)
  for _, one in ipairs(round.fleet) do one:signal "KILL" end
  check_budget(round)
  print(("chaos: budget: %d of %d trainings, overspent %d"):format(round:trainings(), FITS,
    math.max(0, round:trainings() - FITS)))
  round:psql "UPDATE pace SET budget = NULL"
end

-- }======

return {
  { name = "same_id", before = with_setup "", disturb = wait },
  { name = "cloned", before = with_setup(CLONED), disturb = wait, settle = keep_one },
  { name = "two_versions", before = one_older, disturb = wait },
  { name = "older_version", before = one_older, disturb = update, after = has_stopped },
  { name = "drain", disturb = drain },
  { name = "limits_under_kills", before = limit, disturb = kill_within_limits, settle = free,
    after = function(round) return round.wrong end },
  { name = "budget", before = give_budget, disturb = kill_within_budget, settle = without_budget,
    after = function(round) return round.wrong end },
}
