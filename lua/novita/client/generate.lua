--- Generates images from a prompt, from another image, and with trained models.

local img2img_request = require "novita.forms.img2img_request"
local tasks = require "novita.client.task"
local txt2img_request = require "novita.forms.txt2img_request"
local unpaid = require "novita.client.unpaid"

local function submit(task, create, body)
  task:set_stage "submitting"
  task.submitting = true
  local task_id, err = create(task.client.images, body)
  task.submitting = nil
  if not task_id then
    if err.ambiguous then
      err.message = err.message .. "; the images may have been generated and billed"
    end
    error(unpaid(err), 0)
  end
  task:watch(task_id)
end

local function start(client, create, body)
  return tasks.start(client, "image", function(task)
    submit(task, create, body)
  end)
end

local function from_prompt(client, params, level)
  local body, warnings = txt2img_request.body(params, level + 1)
  client:warn(warnings)
  return start(client, client.images.txt2img, body)
end

local function from_image(client, params, level)
  local plan = img2img_request.plan(params, level + 1)
  local body, err = plan:body()
  if not body then
    return tasks.failed(client, "image", err)
  end
  client:warn(plan.warnings)
  return start(client, client.images.img2img, body)
end

--- Generates images from a prompt, or from another image if there is one.
---@param client novita.Client
---@param params novita.GenerateParams
---@param level integer the stack level that wrong use is reported at
---@return novita.Task task its result is a list of novita.GeneratedImage; it has failed if an image
--- cannot be used
local function generate(client, params, level)
  local has_image = type(params) == "table"
    and (params.image ~= nil or params.image_base64 ~= nil)
  local task = (has_image and from_image or from_prompt)(client, params, level + 1)
  return task -- no tail call: the level counts this frame
end

return generate
