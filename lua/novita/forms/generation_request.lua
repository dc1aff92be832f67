--- What txt2img and img2img have in common: from a form to the draft of a body.

local base_models = require "novita.fields.base_models"
local extra_rule = require "novita.fields.generation_extra"
local params = require "novita.forms.params"
local model_names = require "novita.forms.model_names"
local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

local generation_request = {}

local short = { model_name = "base", image_num = "count" }

--- The definition of a whole body, for json.encode.
---@param request novita.Rule
---@param noun string
---@return novita.Rule
function generation_request.definition(request, noun)
  return {
    type = "object",
    noun = noun,
    page = request.page,
    fields = {
      extra_rule,
      {
        name = "request",
        type = "object",
        required = true,
        noun = request.noun,
        fields = request.fields,
        doc = "What to make.",
      },
    },
  }
end

-- The model of a LoRA: its name, or anything that has a model_name.
local function name_of(model, path)
  if type(model) ~= "table" and type(model) ~= "userdata" then
    return model
  elseif model.model_name == nil then
    usage_error.raise("%s has no model_name: a trained model has one once it is serving", path)
  end
  return model.model_name
end

local function named(entry, path, names)
  if type(entry) ~= "table" then
    return entry
  elseif entry.model ~= nil and entry.model_name ~= nil then
    usage_error.raise("%s has both model and model_name: give one of them", path)
  end
  local copy = {}
  for key, value in pairs(entry) do
    copy[key] = value
  end
  if entry.model ~= nil then
    copy.model, copy.model_name = nil, name_of(entry.model, path .. ".model")
    names[path .. ".model_name"] = path .. ".model"
  end
  copy.model_name = model_names.of_lora(copy.model_name)
  return copy
end

-- Replaces 'model' by 'model_name' in each entry; what is no list is left to the schema.
local function take_models(list, path, names)
  if type(list) ~= "table" then
    return list
  end
  local copy = {}
  for key, entry in pairs(list) do
    copy[key] = named(entry, ("%s[%s]"):format(path, key), names)
  end
  return copy
end

--- Takes the fields of a request from a form.
---@param rule novita.Rule of the request
---@param written table the form
---@return table draft
---@return table<string, string> names how they were written
function generation_request.draft(rule, written)
  local draft, names = {}, {}
  for _, name in ipairs(schema.names(rule)) do
    draft[name], names[name] = params.take(written, name, short[name])
  end
  params.take_size(written, draft, names)
  draft.loras = take_models(draft.loras, "loras", names)
  draft.embeddings = take_models(draft.embeddings, "embeddings", names)
  return draft, names
end

--- The field extra of a form; nil where it would be empty.
---@param written table the form
---@return table?
function generation_request.extra(written)
  local extra = schema.apply(extra_rule, written.extra or {}, { path = "extra" })
  if written.format ~= nil then
    if extra.response_image_type then
      usage_error.raise "format and extra.response_image_type set the same field: give one of them"
    end
    local rule = schema.field(extra_rule, "response_image_type")
    extra.response_image_type = schema.apply(rule, written.format, { path = "format" })
  end
  return next(extra) and extra
end

--- Checkpoints for pictures have other names than base models of trainings.
---@param request table checked
---@param written table the form
---@return string? warning
function generation_request.checkpoint_warning(request, written)
  for _, name in ipairs(base_models) do
    if name == request.model_name then
      return ("%s is %s, the name for trainings: checkpoints end in .safetensors"):format(
        written.base and "base" or "model_name",
        format.text(name)
      )
    end
  end
end

return generation_request
