--- The problems of a set of photos as lines. More than three photos with the same one are one line:
--- `each of 12 photos (1.jpg, 2.jpg, 3.jpg and 9 more) has no face that can be found`.

local files = require "novita.dataset.files"

local SHOWN_MOST <const> = 3 -- names, and lines with the same reason

-- The photos of each reason, in order.
local function by_reason(problems)
  local groups = {}
  for _, found in ipairs(problems) do
    if found.name then
      groups[found.reason] = groups[found.reason] or {}
      table.insert(groups[found.reason], files.shown(found.name))
    end
  end
  return groups
end

local function joined(names, reason)
  return ("each of %d photos (%s and %d more) %s"):format(#names,
    table.concat(names, ", ", 1, SHOWN_MOST), #names - SHOWN_MOST, reason)
end

---@param problems novita.ReportProblem[]
---@return string[]
return function(problems)
  local groups, lines = by_reason(problems), {}
  for _, found in ipairs(problems) do
    local names = found.name and groups[found.reason]
    if not names or #names <= SHOWN_MOST then
      lines[#lines + 1] = found.text
    elseif not names.said then
      names.said = true
      lines[#lines + 1] = joined(names, found.reason)
    end
  end
  return lines
end
