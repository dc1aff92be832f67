--- Letters and order as in ASCII. string.lower, string.upper and `<` depend on the locale, which a
--- host may set: in Turkish ("I"):lower() is "I".

local ascii = {}

local lower, upper = {}, {}
for code = ("A"):byte(), ("Z"):byte() do
  local large, small = string.char(code), string.char(code + 32)
  lower[large], upper[small] = small, large
end

--- Only A to Z change.
---@param text string
---@return string
function ascii.lower(text)
  return (text:gsub("[A-Z]", lower))
end

--- Only a to z change.
---@param text string
---@return string
function ascii.upper(text)
  return (text:gsub("[a-z]", upper))
end

--- Whether `left` comes before `right`, by their bytes.
---@param left string
---@param right string
---@return boolean
function ascii.before(left, right)
  for index = 1, math.min(#left, #right) do
    local one, other = left:byte(index), right:byte(index)
    if one ~= other then
      return one < other
    end
  end
  return #left < #right
end

return ascii
