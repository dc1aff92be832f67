--- From the form of a txt2img call to its body.

local params = require "novita.forms.params"
local form_rules = require "novita.fields.txt2img_form"
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
    return ("enable_transparent_background needs png, but the format is %s"):format(format)
  end
end

local function build(written, also)
  params.check_names(written, rule, params.names(form_rules), schema.names(rule), also)
  local draft, names = generation_request.draft(rule, written)
  local request, warnings = schema.apply(rule, draft, { written = names })
  local body = { request = request, extra = generation_request.extra(written) }
  warnings[#warnings + 1] = generation_request.checkpoint_warning(request, written)
  warnings[#warnings + 1] = transparency_warning(body)
  return body, warnings
end

--- Checks the form of a txt2img call. Raises at the caller's line where it is wrong.
---@param written table fields of the API's page and of novita.fields.txt2img_form; a LoRA's
--- model may be a trained model instead of a name
---@param level? integer whose line is blamed: 1 (default) the caller, 2 the caller's caller
---@param also? string[] other names that the form may carry; they are ignored here
---@return { extra?: table, request: table } body for json.encode(body, { order = txt2img_request.definition })
---@return string[] warnings
function txt2img_request.body(written, level, also)
  local body, warnings = usage_error.raise_at_caller(level or 1, build, written, also or {})
  return body, warnings
end

return txt2img_request
