--- Scenarios: somebody sets the clock of a machine. Only CLOCK_REALTIME jumps, as in life.

local fixtures = require "support.fixtures"
local pause = require("stress.chaos.round").pause

local DAY <const> = 86400

local function library()
  local pipe <close> = assert(io.popen "ls /usr/lib/*/faketime/libfaketimeMT.so.1 2>/dev/null")
  return pipe:read "l"
end

local function missing()
  if not library() then
    return "libfaketime is not installed: apt-get install faketime"
  end
end

-- The file is replaced as a whole, because the runner reads it at each call.
local function set_clock(round, seconds)
  fixtures.write(round.clock .. ".new", ("%+d\n"):format(seconds))
  os.rename(round.clock .. ".new", round.clock)
end

local function before(round)
  round.clock = os.tmpname()
  set_clock(round, 0)
  round.first = { prefix = ("env LD_PRELOAD=%s FAKETIME_TIMESTAMP_FILE=%s FAKETIME_NO_CACHE=1 "
    .. "FAKETIME_DONT_FAKE_MONOTONIC=1 DONT_FAKE_MONOTONIC=1"):format(library(), round.clock) }
end

local function after(round)
  os.remove(round.clock)
end

local function jump(round)
  for _, seconds in ipairs { DAY, -DAY, 0 } do
    set_clock(round, seconds)
    pause(0.3 + math.random() / 2)
  end
end

return {
  { name = "clock_set", missing = missing, before = before, after = after, disturb = jump },
}
