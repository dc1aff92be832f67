--- The emulator's clock: real time, which a script can speed up and advance.

local crypto = require("novita.service.core").crypto

---@class novita.emulator.Clock
local methods = {}
local metatable = { __index = methods }

local LAST = 253402300799 -- the end of the year 9999: years in links and responses have four digits

--- Unix time in seconds, with a fraction.
---@return number
function methods:now()
  return math.max(math.min(self.base + (crypto.now() - self.begun) * self.speed, LAST), 0)
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

return clock
