--- Builds the body of a txt2img or img2img request from the params of a call.

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
        doc = "The images to generate.",
      },
    },
  }
end

-- The name of a LoRA's model, which is given by name or as anything with a model_name.
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

-- Replaces 'model' by 'model_name' in each entry. If it is not a list, the schema will say so.
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

--- Takes the fields of a request from the params.
---@param rule novita.Rule of the request
---@param written table the params
---@return table request not checked yet
---@return table<string, string> names how the script wrote the fields
function generation_request.take_params(rule, written)
  local request, names = {}, {}
  for _, name in ipairs(schema.names(rule)) do
    request[name], names[name] = params.take(written, name, short[name])
  end
  params.take_size(written, request, names)
  request.loras = take_models(request.loras, "loras", names)
  request.embeddings = take_models(request.embeddings, "embeddings", names)
  return request, names
end

--- The field extra of the body; nil if it would be empty.
---@param written table the params
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

--- Warns about the name of a base model: checkpoints for generation have other names.
---@param request table checked
---@param written table the params
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
