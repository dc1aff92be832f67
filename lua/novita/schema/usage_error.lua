--- Wrong use of the library: found deep inside a check, raised at the script's own line.

local format = require "novita.schema.format"

local usage_error = {}

local metatable = { __name = "novita.UsageError" }

function metatable.__tostring(raised)
  return raised.text
end

--- Leaves the check with a one-line text. Only for use inside usage_error.catch and
--- usage_error.raise_at_caller.
---@param text string
---@param ... any values for string.format
function usage_error.raise(text, ...)
  if select("#", ...) > 0 then
    text = text:format(...)
  end
  error(setmetatable({ text = text }, metatable))
end

--- The text for a wrong value: "width must be an integer >= 1, got 0".
---@param path string what has the wrong value
---@param expected string what it must be
---@param value any
---@return string
function usage_error.wrong_value(path, expected, value)
  return ("%s must be %s, got %s"):format(path, expected, format.value(value))
end

--- Leaves the check because of a wrong value. Only for use inside a check, like usage_error.raise.
---@param path string
---@param expected string
---@param value any
function usage_error.must_be(path, expected, value)
  usage_error.raise("%s", usage_error.wrong_value(path, expected, value))
end

local function passed_on(ok, first, ...)
  if ok then
    return true, first, ...
  elseif getmetatable(first) == metatable then
    return false, first.text
  end
  error(first, 0)
end

--- Runs a check. Any error that is not a usage error passes through.
---@param check function
---@param ... any its arguments
---@return boolean ok
---@return any result the check's first result, or the text of the usage error
---@return any ... the check's other results
function usage_error.catch(check, ...)
  return passed_on(pcall(check, ...))
end

local ours = debug.getinfo(1, "S").source:match "^(.*)schema/usage_error%.lua$"

-- The nearest level, from this one up, that is a line of a script. After `return client:train {}`
-- the line of the caller is gone, and its level is that of pcall or of a loop of this library.
local function script_level(level)
  local at = level
  local info = debug.getinfo(at + 1, "Sl")
  while info and (info.currentline < 0 or ours and info.source:sub(1, #ours) == ours) do
    at = at + 1
    info = debug.getinfo(at + 1, "Sl")
  end
  return info and at or level
end

local function results_or_raise(level, ok, first, ...)
  if not ok then
    error(first, script_level(level))
  end
  return first, ...
end

--- Runs a check and raises its usage error at a line further up.
---@param level integer 1 blames the caller of the function that calls this one, 2 its caller
---@param check function
---@param ... any its arguments
---@return any ... the check's results
function usage_error.raise_at_caller(level, check, ...)
  -- above 'error': results_or_raise (whose tail call replaces this function), the function
  -- that checks, its caller
  return results_or_raise(level + 2, usage_error.catch(check, ...))
end

return usage_error
