--- How a running job is told about where nothing can be redrawn: a line for each new stage.

local line = require "novita.cli.line"

local Stages = {}
Stages.__index = Stages

--- Tells a status, if its stage is new.
---@param name string
---@param status novita.Status
function Stages:tell(name, status)
  if self.told[name] ~= status.stage then
    self.told[name] = status.stage
    self.ui:say(line.plain(self.ui, name, status))
  end
end

---@param ui novita.cli.Ui
return function(ui)
  return setmetatable({ ui = ui, told = {} }, Stages)
end
