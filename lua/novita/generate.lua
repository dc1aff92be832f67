--- Pictures from a prompt and trained models.

local tasks = require "novita.task"
local txt2img_request = require "novita.api.txt2img_request"

local generate = {}

--- Draws pictures.
---@param client novita.Client
---@param form table see novita.api.txt2img_request
---@param level integer whose line is blamed for wrong use
---@return novita.Task task its result is a list of novita.Shot
function generate.txt2img(client, form, level)
  local body, warnings = txt2img_request.body(form, level + 1)
  client:warn(warnings)
  return tasks.start(client, "image", function(task)
    task:set_stage "submitting"
    task.submitting = true
    local task_id, err = client.images:txt2img(body, txt2img_request.definition)
    task.submitting = nil
    if not task_id then
      if err.ambiguous then
        err.message = err.message .. "; the pictures may have been drawn and billed"
      end
      error(err, 0)
    end
    task:watch(task_id)
  end)
end

return generate
