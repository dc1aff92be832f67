--- Shows running jobs where nothing can be redrawn: a line for each new stage.

local line = require "novita.cli.line"

local Stages = {}
Stages.__index = Stages

--- Writes a status if its stage is new. A word of the service that novita does not know
--- counts as a stage.
---@param name string
---@param status novita.Status
function Stages:report(name, status)
  local stage = status.stage == "unknown" and status.task_status or status.stage
  if self.last[name] ~= stage then
    self.last[name] = stage
    self.ui:say(line.plain(self.ui, name, status))
  end
end

---@param ui novita.cli.Ui
return function(ui)
  return setmetatable({ ui = ui, last = {} }, Stages)
end
