--- The loops that novita can run in: `novita.use(novita.loop.luv)`. Each is loaded on first use,
-- and only then needs its library.

---@class novita.loops
---@field own novita.LoopHandle novita's own loop, for a program that polls descriptors itself
---@field luv novita.Loop
---@field cqueues novita.Loop
---@field copas novita.Loop
local loops = { own = require("novita.async.loop_handle").handle }

local known = { luv = true, cqueues = true, copas = true }

return setmetatable(loops, {
  __index = function(self, name)
    if not known[name] then
      return nil
    end
    local loop = require("novita.loop." .. name)
    self[name] = loop
    return loop
  end,
})
