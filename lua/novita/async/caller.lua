--- Errors of wrong use, raised at the line of the script.

local usage_error = require "novita.schema.usage_error"

local caller = {}

local ours = debug.getinfo(1, "S").source:match "^(.*)async/caller%.lua$"

--- Raises the message at the innermost line that is not in this library or in C.
---@param message string
function caller.raise(message)
  local level = 2
  local info = debug.getinfo(level, "S")
  while info and (info.what == "C" or ours and info.source:sub(1, #ours) == ours) do
    level = level + 1
    info = debug.getinfo(level, "S")
  end
  error(message, level)
end

--- Raises unless the value is a number of seconds, or nil.
---@param timeout any
function caller.check_timeout(timeout)
  if timeout ~= nil and (type(timeout) ~= "number" or timeout ~= timeout) then
    caller.raise(usage_error.wrong_value("timeout", "a number of seconds", timeout))
  end
end

return caller
