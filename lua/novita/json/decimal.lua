--- Writes numbers for JSON: exact, as short as possible, the same in every locale. Both lua-cjsons
--- cut them (to 14 or 16 digits), which would send a different seed than the script gave.

local decimals_most = 22 -- 1e-6 with 17 significant digits

local function fixed(value)
  for decimals = 1, decimals_most do
    local text = ("%%.%df"):format(decimals):format(value)
    if tonumber(text) == value then
      return text
    end
  end
end

local function shortest(value)
  for digits = 14, 17 do
    local text = ("%%.%dg"):format(digits):format(value)
    if tonumber(text) == value then
      return text
    end
  end
end

--- Writes a finite number: 512.0 as 512, 1e-4 as 0.0001, integers with every digit.
---@param value number finite
---@return string
local function decimal(value)
  local whole = math.tointeger(value)
  if whole then
    return ("%d"):format(whole)
  end
  local size = math.abs(value)
  local text = size >= 1e-6 and size < 1e15 and fixed(value) or shortest(value)
  return (text:gsub("[^0-9eE+-]+", ".")) -- the locale's decimal comma
end

return decimal
