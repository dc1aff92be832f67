--- Builds the body of a txt2img request.

local params = require "novita.forms.params"
local shorthands = require "novita.fields.txt2img_shorthands"
local generation_request = require "novita.forms.generation_request"
local usage_error = require "novita.schema.usage_error"
local rule = require "novita.fields.txt2img"
local schema = require "novita.schema.schema"

local txt2img_request = {
  --- Definition of the whole body, for json.encode.
  ---@type novita.Rule
  definition = generation_request.definition(rule, "a txt2img body"),
}

local function transparency_warning(body)
  local format = body.extra and body.extra.response_image_type or "png"
  if body.request.enable_transparent_background and format ~= "png" then
    return ("enable_transparent_background needs png, but response_image_type is %s"):format(format)
  end
end

local function build(written, also)
  params.refuse_wrappers(written, "request", "extra")
  params.check_names(written, rule, params.names(shorthands), schema.names(rule),
    generation_request.extra_names, also)
  local fields, names = generation_request.take_params(rule, written)
  local request, warnings = schema.apply(rule, fields, { written = names })
  local body = { request = request, extra = generation_request.extra(written) }
  warnings[#warnings + 1] = generation_request.checkpoint_warning(request)
  warnings[#warnings + 1] = transparency_warning(body)
  return body, warnings
end

--- Checks the params of a txt2img call. Raises at the caller's line if they are wrong.
---@param written table fields of the API's page and of novita.fields.txt2img_shorthands; a LoRA's
--- model_name may be a trained model instead of a name
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@param also? string[] other names that the params may have; they are ignored here
---@return { extra?: table, request: table } body for json.encode(body, { order = txt2img_request.definition })
---@return string[] warnings
function txt2img_request.body(written, level, also)
  local body, warnings = usage_error.raise_at_caller(level or 1, build, written, also or {})
  return body, warnings
end

return txt2img_request
