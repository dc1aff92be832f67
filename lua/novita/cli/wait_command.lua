--- The command that waits for a task, as a person can copy it from a message.

local shell = require "novita.cli.shell"

--- The kind is written out: `novita wait` would have to ask the service for it.
---@param task_id string
---@param task_type "subject"|"style"|"image"
---@return string
return function(task_id, task_type)
  local option = task_type ~= "subject" and " --task-type " .. task_type or ""
  return ("novita wait %s%s"):format(shell.word(task_id), option)
end
