--- Refuses a Lua that cannot run novita, in one line, when this file is required. Every Lua since
-- 5.1 can read it, so that it speaks before a newer file or the C core fails to load.

local version = tonumber(string.match(_VERSION, "%d+%.%d+"))
if version < 5.4 then
  local name = rawget(_G, "jit") and "LuaJIT" or _VERSION
  error("novita needs Lua 5.4.3 or newer, this is " .. name .. ": run the program with Lua 5.4", 0)
end

-- No field has the release. A training waits in __close handlers, which cannot yield in the
-- releases 5.4.0 to 5.4.2.
local yields_in_close = coroutine.wrap(load [[
  do
    local _ <close> = setmetatable({}, { __close = coroutine.yield })
  end
  return true
]])
if not pcall(yields_in_close) then
  error("novita needs Lua 5.4.3 or newer, this is one of 5.4.0 to 5.4.2, in which a __close handler"
    .. " cannot yield: install a newer release of Lua 5.4", 0)
end

return true
