--- The Date header of an answer, as unix seconds.

local months = {
  Jan = 1, Feb = 2, Mar = 3, Apr = 4, May = 5, Jun = 6,
  Jul = 7, Aug = 8, Sep = 9, Oct = 10, Nov = 11, Dec = 12,
}

-- Days since 1970-01-01, years counted from March so that the leap day is the last one.
local function days(year, month, day)
  if month <= 2 then
    year, month = year - 1, month + 12
  end
  return 365 * year + year // 4 - year // 100 + year // 400 + (153 * (month - 3) + 2) // 5
    + day - 1 - 719468
end

---@param text? string such as "Mon, 23 Nov 2026 20:35:57 GMT"
---@return integer? seconds nil where it is no such date
return function(text)
  local day, month, year, hour, minute, second =
    (text or ""):match "^%s*%a+, (%d%d) (%a%a%a) (%d%d%d%d) (%d%d):(%d%d):(%d%d) GMT"
  if not months[month] then
    return nil
  end
  return days(math.tointeger(year), months[month], math.tointeger(day)) * 86400
    + hour * 3600 + minute * 60 + second
end
