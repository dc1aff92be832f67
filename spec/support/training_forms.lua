--- Shared by the specs of the params of a training.

local refusal = require "support.refusal"
local training_request = require "novita.forms.training_request"

local shared = {}

-- Valid params with changes; false removes a field.
function shared.form(changes)
  local written = {
    task_type = "subject",
    name = "ohwx-anna",
    images = { "a.jpg" },
    base_model = "v1-5-pruned-emaonly",
    size = 512,
    instance_prompt = "a close photo of ohwx woman",
  }
  for name, value in pairs(changes or {}) do
    if value == false and written[name] ~= nil then
      written[name] = nil
    else
      written[name] = value
    end
  end
  return written
end

function shared.plan(changes)
  return training_request.plan(shared.form(changes))
end

function shared.body(changes)
  return shared.plan(changes):body { "34558688e2f42a0137ca2d5274a8cf43" }
end

function shared.refused(changes)
  return refusal(training_request.plan, shared.form(changes))
end

function shared.style(changes)
  changes.task_type = "style"
  if changes.instance_prompt == nil then
    changes.instance_prompt = false
  end
  return changes
end

return shared
