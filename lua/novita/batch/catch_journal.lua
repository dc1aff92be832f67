--- Calls a function and returns nil and the error if the journal raises. Wrong use and bugs pass
--- through.

local errors = require "novita.base.error"

local function results_or_error(ok, first, ...)
  if ok then
    return first, ...
  elseif errors.is(first) and first.kind == "journal" then
    return nil, first
  end
  error(first, 0)
end

---@param fn function
---@param ... any its arguments
---@return any ... its results
return function(fn, ...)
  return results_or_error(pcall(fn, ...))
end
