--- Shows running jobs where nothing can be redrawn: a line for each new stage.

local line = require "novita.cli.line"

local Stages = {}
Stages.__index = Stages

-- A word of the service that novita does not know counts as a stage; before the first word, so does
-- an error: it may be all that is ever known about a wrong id.
local function stage_of(status)
  if status.stage ~= "unknown" then
    return status.stage
  end
  return status.task_status or tostring(status.last_error)
end

--- Writes a status if its stage is new.
---@param name string
---@param status novita.Status
function Stages:report(name, status)
  local stage = stage_of(status)
  if self.last[name] ~= stage then
    self.last[name] = stage
    self.ui:note(line.plain(self.ui, name, status))
  end
end

---@param ui novita.cli.Ui
return function(ui)
  return setmetatable({ ui = ui, last = {} }, Stages)
end
