--- Builds the body of a txt2img or img2img request from the params of a call.

local base_models = require "novita.fields.base_models"
local extra_rule = require "novita.fields.generation_extra"
local params = require "novita.forms.params"
local model_names = require "novita.forms.model_names"
local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

local generation_request = {}

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

-- The name of a LoRA's model. The script gives the name, or a table that has a model_name.
local function name_of(model, path)
  if type(model) ~= "table" and type(model) ~= "userdata" then
    return model
  elseif model.model_name == nil then
    usage_error.raise("%s has no model_name: a trained model has one once it is serving", path)
  end
  return model.model_name
end

local function named(entry, path, defaults)
  if type(entry) == "string" or type(entry) == "table" and getmetatable(entry) then
    usage_error.must_be(path, ("a table such as { model_name = model%s }")
      :format(defaults.strength and ", strength = 0.7" or ""), entry)
  elseif type(entry) ~= "table" then
    return entry
  end
  local copy = {}
  for _, fields in ipairs { defaults, entry } do
    for key, value in pairs(fields) do
      copy[key] = value
    end
  end
  copy.model_name = model_names.of_lora(name_of(entry.model_name, path .. ".model_name"))
  return copy
end

-- A model is not the name of a checkpoint: a trained one is a LoRA.
local function refuse_model(name)
  if type(name) == "table" and getmetatable(name) then
    usage_error.must_be("model_name", "the name of a checkpoint (a trained model goes into "
      .. "loras = { { model_name = model } })", name)
  end
end

-- Replaces models by their names in each entry. If it is not a list, the schema will say so.
local function take_models(list, path, defaults)
  if type(list) ~= "table" then
    return list
  elseif getmetatable(list) then
    usage_error.must_be(path, "a list such as { { model_name = model } }", list)
  end
  local copy = {}
  for key, entry in pairs(list) do
    copy[key] = math.type(key) == "integer" and named(entry, ("%s[%d]"):format(path, key), defaults)
      or entry
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
    request[name], names[name] = written[name], name
  end
  params.take_size(written, request, names)
  refuse_model(request.model_name)
  request.loras = take_models(request.loras, "loras", { strength = 1 })
  request.embeddings = take_models(request.embeddings, "embeddings", {})
  return request, names
end

--- The names of the fields of extra, which are flat in the params.
---@type string[]
generation_request.extra_names = schema.names(extra_rule)

--- The field extra of the body; nil if it would be empty.
---@param written table the params
---@return table?
function generation_request.extra(written)
  local fields = {}
  for _, name in ipairs(generation_request.extra_names) do
    fields[name] = written[name]
  end
  local extra = schema.apply(extra_rule, fields, {})
  return next(extra) and extra
end

--- Warns about a name that is not that of a checkpoint's file, such as a base model's.
---@param request table checked
---@return string? warning
function generation_request.checkpoint_warning(request)
  local written = request.model_name
  if not written or written:find "%.safetensors$" or written:find "%.ckpt$" then
    return nil
  end
  for _, name in ipairs(base_models) do
    if name == written then
      return ("model_name is %s, the name for trainings: checkpoints end in .safetensors"):format(
        format.text(name))
    end
  end
  return ("model_name is %s: the names of checkpoints end in .safetensors"):format(
    format.text(written))
end

return generation_request
