--- Names of jobs in a message: each once, the first few of them.

local SHOWN_MOST <const> = 3

--- "anna, bert, carl and 2 more"
---@param list string[]
---@return string
return function(list)
  local names, seen = {}, {}
  for _, name in ipairs(list) do
    names[#names + 1] = not seen[name] and name or nil
    seen[name] = true
  end
  local more = #names > SHOWN_MOST and (" and %d more"):format(#names - SHOWN_MOST) or ""
  return table.concat(names, ", ", 1, math.min(#names, SHOWN_MOST)) .. more
end
