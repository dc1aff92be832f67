--- The format of the Date header, in English in every locale.

local LAST = 253402300799 -- the end of the year 9999: a year has four digits

local MONTHS = { "Jan", "Feb", "Mar", "Apr", "May", "Jun",
  "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" }
local DAYS = { "Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat" }

---@param at number unix seconds; before 1970 and after 9999 the nearest date
---@return string
return function(at)
  local t = os.date("!*t", math.floor(math.max(math.min(at, LAST), 0)))
  return ("%s, %02d %s %d %02d:%02d:%02d GMT"):format(DAYS[t.wday], t.day, MONTHS[t.month],
    t.year, t.hour, t.min, t.sec)
end
