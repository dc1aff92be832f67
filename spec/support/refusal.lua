--- For specs about wrong use: the text of an error that must blame the line that called.

--- Calls a function and gives the message it raises, without the position; fails where nothing
--- is raised, or another file than the calling spec's is place.
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
    error("nothing was refused", 2)
  end
  local place, text = tostring(message):match "^(.-):%d+: (.*)$"
  if not place or not (place:find("refusal.lua", 1, true) or place == spec) then
    error("another line is named: " .. tostring(message), 2)
  end
  return text
end

return refusal
