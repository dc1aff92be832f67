--- Describes what a rule accepts, as an error message puts it after "must be".

local format = require "novita.schema.format"

local examples_most = 4

local function examples(rule)
  local first = format.list { table.unpack(rule.values, 1, examples_most) }
  local rest = #rule.values > examples_most and (" (%d are documented)"):format(#rule.values)
  return ("a string such as %s%s"):format(first, rest or "")
end

local function text(rule)
  if rule.values then
    return rule.open and examples(rule) or format.alternatives(rule.values)
  elseif rule.min == 1 and not rule.max then
    return "a non-empty string"
  end
  local count = format.count(rule, "characters")
  return "a string" .. (count and " of " .. count or "")
end

local function number(noun)
  return function(rule)
    if rule.values and not rule.open then
      return format.alternatives(rule.values)
    end
    return noun .. format.range(rule)
  end
end

local function object(rule)
  if rule.member == "option" then
    return "a table"
  end
  local names = {}
  for index, field in ipairs(rule.fields) do
    names[index] = field.name
  end
  return "a table with the fields " .. table.concat(names, ", ")
end

local describers = {
  string = text,
  bytes = function(rule)
    return rule.min == 0 and "a string" or "a non-empty string"
  end,
  integer = number "an integer",
  number = number "a number",
  boolean = function()
    return "true or false"
  end,
  ["function"] = function()
    return "a function"
  end,
  table = function()
    return "a table"
  end,
  list = function(rule)
    local count = format.count(rule, "entries")
    return "a list" .. (count and " of " .. count or "")
  end,
  object = object,
}

--- Describes what a rule accepts, such as "an integer from 1 to 4".
---@param rule novita.Rule
---@return string
local function describe(rule)
  return rule.expects or describers[rule.type](rule)
end

return describe
