--- Variables of the environment. An empty one counts as unset, as in curl and git.

local environment = {}

--- The value of a variable.
---@param name string
---@return string? value nil if it is unset or empty
function environment.get(name)
  local value = os.getenv(name)
  return value ~= "" and value or nil
end

return environment
