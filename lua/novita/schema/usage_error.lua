--- A problem with what a script wrote: found deep inside a check, raised at the script's own line.

local problem = {}

local metatable = { __name = "novita.Problem" }

--- Leaves the check with a one-line text. Only for use inside problem.catch and problem.raise_at_caller.
---@param text string
---@param ... any values for string.format
function problem.raise(text, ...)
  if select("#", ...) > 0 then
    text = text:format(...)
  end
  error(setmetatable({ text = text }, metatable))
end

local function passed_on(ok, first, ...)
  if ok then
    return true, first, ...
  elseif getmetatable(first) == metatable then
    return false, first.text
  end
  error(first, 0)
end

--- Runs a check. Any error that is not a problem passes through.
---@param check function
---@param ... any its arguments
---@return boolean ok
---@return any result the check's first result, or the problem's text
---@return any ... the check's other results
function problem.catch(check, ...)
  return passed_on(pcall(check, ...))
end

local function results_or_raise(level, ok, first, ...)
  if not ok then
    error(first, level)
  end
  return first, ...
end

--- Runs a check and raises its problem at a line further up.
---@param level integer 1 blames the caller of the function that calls this one, 2 its caller
---@param check function
---@param ... any its arguments
---@return any ... the check's results
function problem.raise_at_caller(level, check, ...)
  -- above 'error': results_or_raise (whose tail call replaces this function), the function
  -- that checks, its caller
  return results_or_raise(level + 2, problem.catch(check, ...))
end

return problem
