-- The modules are loaded while memory is short once, and then again.
-- luacheck: globals failing number
failing.arm()
local ok, err = pcall(require, "novita")
if ok then
  ok, err = pcall(function()
    return require("novita").client, require "novita.batch", require "novita.dataset"
  end)
end
failing.disarm()
for name in pairs(package.loaded) do
  if name:find "^novita" then package.loaded[name] = nil end
end
require("novita").sleep(0)
return ok and "success" or "error", tostring(err)
