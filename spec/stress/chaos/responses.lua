--- Scenarios: a proxy eats responses of the database. The statement was carried out, and the runner
--- cannot know.

local eater = require "support.postgresql.eater"
local pause = require("stress.chaos.round").pause

local function eat(every, pattern)
  return function(round)
    round.proxy = eater.start(round.server, every, pattern)
    round.uri = round.proxy:uri(round.database)
  end
end

local function after(round)
  local count = round.proxy:stop()
  print(("chaos: %s responses were eaten"):format(count or "no"))
  return count == 0 and "no response was eaten" or nil
end

local function disturb()
  pause(0.5)
end

local INTENT <const> = "request_seconds =" -- it commits with its statement

return {
  { name = "eaten_intents", before = eat(2, INTENT), disturb = disturb, after = after },
  { name = "eaten_commits", before = eat(2, "\\x00COMMIT\\x00"), disturb = disturb, after = after },
  { name = "eaten_responses", before = eat(9, "UPDATE|INSERT|\\x00COMMIT\\x00"), disturb = disturb,
    after = after },
}
