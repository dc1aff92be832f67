--- From the form of a txt2img call to its body.

local base_models = require "novita.api.fields.base_models"
local extra_rule = require "novita.api.fields.generation_extra"
local form = require "novita.api.form"
local form_rules = require "novita.api.fields.txt2img_form"
local problem = require "novita.api.problem"
local request_rule = require "novita.api.fields.txt2img"
local schema = require "novita.api.schema"
local show = require "novita.api.show"

local txt2img_request = {
  --- Definition of the whole body, for json.encode.
  ---@type novita.Rule
  definition = {
    type = "object",
    noun = "a txt2img body",
    page = "Text to Image",
    fields = {
      extra_rule,
      {
        name = "request",
        type = "object",
        required = true,
        noun = request_rule.noun,
        fields = request_rule.fields,
        doc = "What to make.",
      },
    },
  },
}

local short = { model_name = "base", image_num = "count" }

-- The model of a LoRA: its name, or anything that has a model_name.
local function name_of(model, path)
  if type(model) ~= "table" and type(model) ~= "userdata" then
    return model
  elseif model.model_name == nil then
    problem.raise("%s has no model_name: a trained model has one once it is serving", path)
  end
  return model.model_name
end

local function named(entry, path, names)
  if type(entry) ~= "table" or entry.model == nil then
    return entry
  elseif entry.model_name ~= nil then
    problem.raise("%s has both model and model_name: give one of them", path)
  end
  local copy = {}
  for key, value in pairs(entry) do
    copy[key] = value
  end
  copy.model, copy.model_name = nil, name_of(entry.model, path .. ".model")
  names[path .. ".model_name"] = path .. ".model"
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

local function take_request(written)
  local draft, names = {}, {}
  for _, name in ipairs(schema.names(request_rule)) do
    draft[name], names[name] = form.take(written, name, short[name])
  end
  form.take_size(written, draft, names)
  draft.loras = take_models(draft.loras, "loras", names)
  draft.embeddings = take_models(draft.embeddings, "embeddings", names)
  return schema.apply(request_rule, draft, { written = names })
end

local function take_extra(written)
  local extra = schema.apply(extra_rule, written.extra or {}, { path = "extra" })
  if written.format == nil then
    return extra
  elseif extra.response_image_type then
    problem.raise "format and extra.response_image_type set the same field: give one of them"
  end
  local rule = schema.field(extra_rule, "response_image_type")
  extra.response_image_type = schema.apply(rule, written.format, { path = "format" })
  return extra
end

local function checkpoint_warning(model_name, path)
  for _, name in ipairs(base_models) do
    if name == model_name then
      return ("%s is %s, the name for trainings: checkpoints end in .safetensors"):format(
        path,
        show.text(name)
      )
    end
  end
end

local function transparency_warning(body)
  local format = body.extra and body.extra.response_image_type or "png"
  if body.request.enable_transparent_background and format ~= "png" then
    return ("enable_transparent_background needs png, but the format is %s"):format(format)
  end
end

local function build(written, also)
  form.check_names(
    written,
    request_rule.noun,
    form.names(form_rules),
    schema.names(request_rule),
    also
  )
  local request, warnings = take_request(written)
  local extra = take_extra(written)
  local body = { request = request, extra = next(extra) and extra }
  warnings[#warnings + 1] =
    checkpoint_warning(request.model_name, written.base and "base" or "model_name")
  warnings[#warnings + 1] = transparency_warning(body)
  return body, warnings
end

--- Checks the form of a txt2img call. Raises at the caller's line where it is wrong.
---@param written table fields of the API's page and of novita.api.fields.txt2img_form; a LoRA's
--- model may be a trained model instead of a name
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@param also? string[] other names that the form may carry; they are ignored here
---@return { extra?: table, request: table } body for json.encode(body, txt2img_request.definition)
---@return string[] warnings
function txt2img_request.body(written, level, also)
  local body, warnings = problem.blame(level or 1, build, written, also or {})
  return body, warnings
end

return txt2img_request
