--- Scenarios: a proxy eats responses of the database. The statement was carried out, and the runner
--- cannot know.

local fixtures = require "support.fixtures"
local pause = require("stress.chaos.round").pause

local EAT <const> = debug.getinfo(1, "S").source:match "^@(.*)stress/chaos/"
  .. "support/postgresql/eat.pl"

-- Its standard input is a pipe that this process holds, so it ends with this process.
local function start_proxy(round, every, pattern)
  local stop = fixtures.folder(0)
  local fifo = stop.path .. "/stop"
  assert(os.execute("mkfifo " .. fifo))
  local pipe = assert(io.popen(("perl %s %s/.s.PGSQL.5432 %d '%s' <%s 2>&1"):format(EAT,
    round.server.path, every, pattern, fifo)))
  local held = assert(io.open(fifo, "w"))
  local port = assert(pipe:read "n", "the proxy does not start")
  return { folder = stop, pipe = pipe, held = held, port = port }
end

local function stop_proxy(proxy)
  proxy.held:close()
  local count = tonumber(proxy.pipe:read "a")
  proxy.pipe:close()
  getmetatable(proxy.folder).__close(proxy.folder)
  return count
end

local function eat(every, pattern)
  return function(round)
    round.proxy = start_proxy(round, every, pattern)
    round.uri = ("postgresql://runner@127.0.0.1:%s/%s?sslmode=disable"):format(round.proxy.port,
      round.database)
  end
end

local function after(round)
  local count = stop_proxy(round.proxy)
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
