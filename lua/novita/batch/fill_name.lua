--- Puts the name of a job into the texts that all jobs share.

local set = require "novita.dataset.set"

--- A copy in which {name}, in each text at any depth, is the job's name.
---@param value any
---@param name any only a string is put in: another one is a mistake that is reported later
---@return any
local function fill_name(value, name)
  if type(value) == "string" and type(name) == "string" then
    return not value:find("{name}", 1, true) and value
      or (value:gsub("{name}", (name:gsub("%%", "%%%%"))))
  elseif type(value) ~= "table" then
    return value
  end
  local copy = {}
  for key, inner in pairs(set.is(value) and set.plain(value) or value) do
    copy[key] = fill_name(inner, name)
  end
  return copy
end

return fill_name
