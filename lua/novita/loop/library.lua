--- Requires the library of a driver, or says in one line what to install.

--- Only for the drivers: an error of the library itself passes through.
---@param name string of its module, and of its rock
---@return any
local function library(name)
  local ok, found = pcall(require, name)
  if ok then
    return found
  elseif not tostring(found):find(("module '%s' not found"):format(name), 1, true) then
    error(found, 0)
  end
  error(("novita.loop.%s needs %s: luarocks install %s"):format(name, name, name), 0)
end

return library
