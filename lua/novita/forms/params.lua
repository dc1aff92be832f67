--- What forms share: a form is the flat table that a script writes; a draft is the body made of
--- it, together with a note of how the script wrote each field, for messages.

local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"
local format = require "novita.schema.format"

local form = {}

--- Refuses what is no table, or has unknown names.
---@param written any
---@param what string the thing with its article
---@param ... string[] names that are allowed
function form.check_names(written, what, ...)
  if type(written) ~= "table" then
    usage_error.raise("%s is %s: allowed is a table of fields", what, format.value(written))
  end
  local names = {}
  for _, more in ipairs { ... } do
    table.move(more, 1, #more, #names + 1, names)
  end
  schema.refuse_unknown(written, names, "", what)
end

--- Refuses a form in which two names of one field are given.
---@param written table
---@param name string
---@param other string
function form.one_of(written, name, other)
  if written[name] ~= nil and written[other] ~= nil then
    usage_error.raise("%s and %s set the same field: give one of them", name, other)
  end
end

--- Checks a convenience by its own rule.
---@param definitions novita.Rule[]
---@param written table the form
---@param name string
---@return any value
function form.convenience(definitions, written, name)
  local rule = schema.field({ fields = definitions }, name)
  if written[name] == nil and not rule.required then
    return nil
  elseif written[name] == nil then
    usage_error.raise("%s is missing: %s", name, require "novita.schema.describe"(rule))
  end
  return (schema.apply(rule, written[name], { path = name }))
end

--- Names of a list of rules.
---@param definitions novita.Rule[]
---@return string[]
function form.names(definitions)
  return schema.names { fields = definitions }
end

--- Takes a field from the form under its own name or a shorter one.
---@param written table the form
---@param name string the field
---@param alias? string
---@return any value
---@return string written_as
function form.take(written, name, alias)
  if alias then
    form.one_of(written, alias, name)
    if written[alias] ~= nil then
      return written[alias], alias
    end
  end
  return written[name], name
end

--- Takes width and height, or size for both.
---@param written table the form
---@param draft table gets width and height
---@param names table<string, string> gets how they were written
function form.take_size(written, draft, names)
  for _, side in ipairs { "width", "height" } do
    draft[side], names[side] = form.take(written, side, "size")
  end
end

return form
