--- Says what a rule allows, in the words of an error message.

local format = require "novita.schema.format"

local function values(rule)
  local word = #rule.values == 1 and "is" or "are"
  return ("allowed %s %s"):format(word, format.list(rule.values))
end

local examples_most = 4

local function examples(rule)
  local shown = format.list { table.unpack(rule.values, 1, examples_most) }
  local rest = #rule.values > examples_most and (" (%d are documented)"):format(#rule.values)
  return ("allowed is text such as %s%s"):format(shown, rest or "")
end

local function text(rule)
  local count = format.count(rule, "characters")
  if rule.values and not rule.open then
    return values(rule)
  elseif rule.values then
    return examples(rule)
  elseif rule.noun and count then
    return ("%s has %s"):format(rule.noun, count)
  end
  return "allowed is text" .. (count and " of " .. count or "")
end

local function field_names(rule)
  local names = {}
  for index, field in ipairs(rule.fields) do
    names[index] = field.name
  end
  return "allowed is a table with the fields " .. table.concat(names, ", ")
end

local function numbers(plural)
  return function(rule)
    if rule.values and not rule.open then
      return values(rule)
    end
    return ("allowed are %s%s"):format(plural, format.range(rule))
  end
end

local words = {
  string = text,
  bytes = function()
    return "allowed is a string of at least 1 byte"
  end,
  integer = numbers "integers",
  number = numbers "numbers",
  boolean = function()
    return "allowed are true and false"
  end,
  list = function(rule)
    return "allowed is a list of " .. (format.count(rule, "entries") or "entries")
  end,
  object = field_names,
}

--- What a rule allows, such as "allowed are integers from 1 to 4".
---@param rule novita.Rule
---@return string
local function allowed(rule)
  return words[rule.type](rule)
end

return allowed
