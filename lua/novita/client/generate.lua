--- Generates images from a prompt, from another image, and with trained models.

local img2img_request = require "novita.forms.img2img_request"
local tasks = require "novita.client.task"
local txt2img_request = require "novita.forms.txt2img_request"

local generate = {}

local function submit(task, create, body, definition)
  task:set_stage "submitting"
  task.submitting = true
  local task_id, err = create(task.client.images, body, definition)
  task.submitting = nil
  if not task_id then
    if err.ambiguous then
      err.message = err.message .. "; the images may have been generated and billed"
    end
    error(err, 0)
  end
  task:watch(task_id)
end

local function start(client, create, body, definition)
  return tasks.start(client, "image", function(task)
    submit(task, create, body, definition)
  end)
end

--- Generates images from a prompt.
---@param client novita.Client
---@param form table see novita.forms.txt2img_request
---@param level integer the stack level that wrong use is reported at
---@return novita.Task task its result is a list of novita.Shot
function generate.txt2img(client, form, level)
  local body, warnings = txt2img_request.body(form, level + 1)
  client:warn(warnings)
  return start(client, client.images.txt2img, body, txt2img_request.definition)
end

--- Generates images from another image.
---@param client novita.Client
---@param form table see novita.forms.img2img_request
---@param level integer the stack level that wrong use is reported at
---@return novita.Task task its result is a list of images; it has failed if the image cannot
--- be used
function generate.img2img(client, form, level)
  local plan = img2img_request.plan(form, level + 1)
  local body, err = plan:body()
  if not body then
    return tasks.failed(client, "image", err)
  end
  client:warn(plan.warnings)
  return start(client, client.images.img2img, body, img2img_request.definition)
end

return generate
