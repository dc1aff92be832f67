--- Checks whether a trainer can do a job: each returns the reason if it cannot.

local refuse = {}

---@param job novita.server.AdapterJob
---@param list (fun(job: novita.server.AdapterJob): string?)[]
---@return string? why the first reason
function refuse.first(job, list)
  for _, check in ipairs(list) do
    local why = check(job)
    if why then
      return why
    end
  end
end

function refuse.sdxl(job)
  return job.base.family == "sdxl" and ("base_model %s is SDXL: the trainer takes SD 1.5 only")
    :format(job.body.base_model) or nil
end

function refuse.not_square(job)
  local body = job.body
  return body.width ~= body.height and
    ("width and height must be the same for this trainer, got %dx%d"):format(body.width,
    body.height) or nil
end

--- Sides that the model cannot have.
---@param multiple integer
---@return fun(job: novita.server.AdapterJob): string?
function refuse.sides_but(multiple)
  return function(job)
    for _, side in ipairs { "width", "height" } do
      local pixels = job.body[side]
      if pixels % multiple ~= 0 then
        return ("%s must be a multiple of %d for this trainer, got %d"):format(side, multiple,
          pixels)
      end
    end
  end
end

function refuse.captions(job)
  return job.captions > 0 and "this trainer takes no captions: it has one prompt for all images"
    or nil
end

function refuse.no_prompt(job)
  local prompt = (job.body.expert_setting or {}).instance_prompt
  if (not prompt or prompt == "") and job.captions < #job.body.image_dataset_items then
    return "expert_setting.instance_prompt is missing: images without a caption need it"
  elseif prompt and prompt:find "%z" then
    return "expert_setting.instance_prompt must not have NUL characters: a command line ends there"
  end
end

function refuse.no_class_prompt(job)
  local expert = job.body.expert_setting or {}
  return expert.with_prior_preservation and (expert.class_prompt or "") == ""
    and "expert_setting.class_prompt is missing: prior preservation needs it" or nil
end

local function is_size(body, component)
  for _, arg in ipairs(component.args or {}) do
    if tonumber(arg.value) ~= body[arg.name] then
      return false
    end
  end
  return true
end

--- The trainer scales to width and height; nothing here does more to a photo.
function refuse.components(job)
  for _, component in ipairs(job.body.components or {}) do
    if component.name ~= "resize" then
      return ("nothing here does the component %s: crop or restore the photos before the upload")
        :format(component.name)
    elseif not is_size(job.body, component) then
      return ("the component resize must have the width and height of the training, %dx%d")
        :format(job.body.width, job.body.height)
    end
  end
end

return refuse
