local metatable = require("novita.core").error

--- Whether a value is an error object.
---@param value any
---@return boolean
local function is_error(value)
  return getmetatable(value) == metatable
end

return is_error
