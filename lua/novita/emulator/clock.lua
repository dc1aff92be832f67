--- The emulator's clock: real time, which a script can speed up and advance.

local crypto = require "novita.service.crypto"

---@class novita.emulator.Clock
local methods = {}
local metatable = { __index = methods }

local LAST = 253402300799 -- the end of the year 9999: years in links and responses have four digits

local function within(at)
  return math.max(math.min(at, LAST), 0)
end

--- Unix time in seconds, with a fraction.
---@return number
function methods:now()
  return within(self.base + (crypto.now() - self.begun) * self.speed)
end

---@param seconds number negative: back
function methods:advance(seconds)
  self.base = self.base + seconds
end

local clock = {}

---@param speed number emulator seconds per real second
function clock.new(speed)
  return setmetatable({ base = crypto.time(), begun = crypto.now(), speed = speed }, metatable)
end

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }

--- The format of the Date header, in English in every locale.
---@param at number unix seconds
---@return string
function clock.http_date(at)
  local t = os.date("!*t", math.floor(within(at)))
  return ("%s, %02d %s %d %02d:%02d:%02d GMT"):format(DAYS[t.wday], t.day, MONTHS[t.month],
    t.year, t.hour, t.min, t.sec)
end

return clock
