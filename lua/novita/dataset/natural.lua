--- Natural sort order of file names: img2 before img10. It is the same in every locale: the order
--- of the photos is part of a training.

local ascii = require "novita.base.ascii"

local function pieces(name)
  local list = {}
  for text, digits in name:gmatch "(%D*)(%d*)" do
    list[#list + 1] = ascii.lower(text)
    list[#list + 1] = digits
  end
  return list
end

local function significant(digits)
  return (digits:gsub("^0+", ""))
end

-- Negative, positive or zero. The numbers may have any number of digits.
local function compare_digits(left, right)
  left, right = significant(left), significant(right)
  if #left ~= #right then
    return #left - #right
  end
  return left == right and 0 or ascii.before(left, right) and -1 or 1
end

local function compare(left, right)
  for index = 1, math.min(#left, #right) do
    local one, other = left[index], right[index]
    local order = one == other and 0
      or index % 2 == 0 and compare_digits(one, other)
      or (ascii.before(one, other) and -1 or 1)
    if order ~= 0 then
      return order
    end
  end
  return #left - #right
end

--- Compares two file names, for table.sort: numbers by value, letters regardless of case, and
--- otherwise equal names by their bytes.
---@param left string
---@param right string
---@return boolean
local function natural(left, right)
  local order = compare(pieces(left), pieces(right))
  if order == 0 then
    return ascii.before(left, right)
  end
  return order < 0
end

return natural
