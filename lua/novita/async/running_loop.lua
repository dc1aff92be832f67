--- Whether another event loop runs now, so that blocking would stop it. This never decides which
-- loop is used, only whether a wait is refused.

local loaded = package.loaded

local running_loop = {}

--- Whether a controller of cqueues itself has resumed the running coroutine.
function running_loop.in_cqueues()
  local cqueues = loaded.cqueues
  if type(cqueues) ~= "table" then
    return false
  end
  local controller, directly = cqueues.running()
  return controller ~= nil and directly
end

--- The library whose loop runs now.
---@return string?
function running_loop.name()
  local cqueues, copas, luv = loaded.cqueues, loaded.copas, loaded.luv
  if type(cqueues) == "table" and cqueues.running() then
    return "cqueues"
  elseif type(copas) == "table" and copas.running then
    return "copas"
  elseif type(luv) == "table" and luv.loop_mode and luv.loop_mode() then
    return "luv"
  end
end

return running_loop
