--- For specs about wrong use: the message of an error that must be raised at the caller's line.

--- Calls a function and returns the message that it raises, without the position. Fails if nothing
--- is raised, or if the position is not in the calling spec.
---@param call function
---@param ... any
---@return string
local function refusal(call, ...)
  local arguments = table.pack(...)
  local spec = debug.getinfo(2, "S").short_src
  local ok, message = pcall(function()
    local result = call(table.unpack(arguments, 1, arguments.n))
    return result
  end)
  if ok then
    error("no error was raised", 2)
  end
  local place, text = tostring(message):match "^(.-):%d+: (.*)$"
  if not place or not (place:find("refusal.lua", 1, true) or place == spec) then
    error("the error is at another line: " .. tostring(message), 2)
  end
  return text
end

return refusal
