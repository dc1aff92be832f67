--- Letters as in ASCII. string.lower and string.upper depend on the locale, which a host may set:
--- in Turkish ("I"):lower() is "I". For an order without a locale see core.before.

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

return ascii
