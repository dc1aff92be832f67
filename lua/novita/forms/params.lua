--- Turns params, the flat table that a script writes, into a body. A second table records how the
--- script wrote each field, for messages.

local describe = require "novita.schema.describe"
local usage_error = require "novita.schema.usage_error"
local schema = require "novita.schema.schema"

local params = {}

--- Refuses anything but a table with known names.
---@param written any
---@param rule { noun: string } what the form is
---@param ... string[] lists of the known names
function params.check_names(written, rule, ...)
  if type(written) ~= "table" then
    usage_error.must_be(rule.noun, "a table of fields", written)
  end
  if schema.has_others(written, ...) then
    local names = {}
    for _, more in ipairs { ... } do
      table.move(more, 1, #more, #names + 1, names)
    end
    schema.refuse_unknown(written, names, "", rule)
  end
end

--- Refuses a table that the body has around some of its fields: in the params they are flat.
---@param written any
---@param ... string names of such tables
function params.refuse_wrappers(written, ...)
  for _, name in ipairs { ... } do
    if type(written) == "table" and written[name] ~= nil then
      usage_error.raise("%s is not a param: give its fields without a table around them", name)
    end
  end
end

--- Refuses params that give two names of one field.
---@param written table
---@param name string
---@param other string
function params.one_of(written, name, other)
  if written[name] ~= nil and written[other] ~= nil then
    usage_error.raise("%s and %s set the same field: give one of them", name, other)
  end
end

local function rule_of(definitions, name)
  for _, rule in ipairs(definitions) do
    if rule.name == name then
      return rule
    end
  end
end

--- Checks a shorthand by its own rule.
---@param definitions novita.Rule[]
---@param written table the params
---@param name string
---@return any value
function params.shorthand(definitions, written, name)
  local rule = rule_of(definitions, name)
  if written[name] == nil and rule.required then
    usage_error.raise("%s is missing: it must be %s", name, describe(rule))
  elseif written[name] ~= nil then
    return (schema.apply(rule, written[name], { path = name }))
  end
end

--- Names of a list of rules.
---@param definitions novita.Rule[]
---@return string[]
function params.names(definitions)
  return schema.names { fields = definitions }
end

--- Takes a field from the params under its own name or a shorthand.
---@param written table the params
---@param name string the field
---@param shorthand string
---@return any value
---@return string written_as
function params.take(written, name, shorthand)
  params.one_of(written, shorthand, name)
  if written[shorthand] ~= nil then
    return written[shorthand], shorthand
  end
  return written[name], name
end

--- Takes width and height, or size for both.
---@param written table the params
---@param body table gets width and height
---@param names table<string, string> gets how they were written
function params.take_size(written, body, names)
  for _, side in ipairs { "width", "height" } do
    body[side], names[side] = params.take(written, side, "size")
  end
end

return params
