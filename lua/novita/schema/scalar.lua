--- Checks of single values: strings, bytes, numbers, booleans, functions. Each takes the rule, the
--- value, its path (for messages) and the list of warnings, and returns the value to send.

local describe = require "novita.schema.describe"
local decimal = require "novita.json.decimal"
local did_you_mean = require "novita.schema.did_you_mean"
local usage_error = require "novita.schema.usage_error"
local format = require "novita.schema.format"

local scalar = {}

local function refuse(rule, path, value)
  usage_error.must_be(path, describe(rule), value)
end

local function refuse_because(rule, path, text, ...)
  usage_error.raise("%s must be %s, got %s", path, describe(rule), text:format(...))
end

local function is_among(values, value)
  for _, known in ipairs(values) do
    if known == value then
      return true
    end
  end
  return false
end

local function suggestion(rule, value)
  local name = type(value) == "string" and did_you_mean(value, rule.values, rule.aliases)
  return name and (" (did you mean %s?)"):format(format.text(name)) or ""
end

-- A value outside a closed list is refused. A value outside an open list, which the service has
-- extended before, only causes a warning.
local function check_listed(rule, value, path, warnings)
  if not rule.values or is_among(rule.values, value) then
    return value
  elseif not rule.open then
    refuse_because(rule, path, "%s%s", format.value(value), suggestion(rule, value))
  end
  warnings[#warnings + 1] = ("%s is %s: not among the %d values that the API documents%s"):format(
    path,
    format.value(value),
    #rule.values,
    suggestion(rule, value)
  )
  return value
end

local function check_length(rule, value, path)
  local length, invalid_at = utf8.len(value)
  if not length then
    refuse_because(rule, path, "invalid UTF-8 (byte %d of %d)", invalid_at, #value)
  elseif length == 0 and (rule.min or 0) > 0 then
    refuse(rule, path, value)
  elseif length < (rule.min or 0) or length > (rule.max or math.huge) then
    refuse_because(rule, path, "%d characters", length)
  end
end

--- A string; its length counts characters. With rule.numbers a number is written as text.
function scalar.string(rule, value, path, warnings)
  if rule.numbers and math.type(value) and value - value == 0 then
    value = decimal(value)
  end
  if type(value) ~= "string" then
    refuse(rule, path, value)
  end
  check_length(rule, value, path)
  return check_listed(rule, value, path, warnings)
end

--- A string of any bytes: file names, file contents. It is not empty, unless rule.min is 0.
function scalar.bytes(rule, value, path)
  if type(value) ~= "string" or value == "" and rule.min ~= 0 then
    refuse(rule, path, value)
  end
  return value
end

local function check_range(rule, value, path, warnings)
  if
    value < (rule.min or -math.huge)
    or value > (rule.max or math.huge)
    or (rule.above and value <= rule.above)
  then
    refuse(rule, path, value)
  elseif value > (rule.soft_max or math.huge) then
    warnings[#warnings + 1] = ("%s is %s: the API documents at most %s"):format(
      path,
      format.value(value),
      format.value(rule.soft_max)
    )
  end
end

--- A number; infinite only if the rule says so.
function scalar.number(rule, value, path, warnings)
  local is_finite = type(value) == "number" and value - value == 0
  if not is_finite and not (rule.infinite and value == math.huge) then
    refuse(rule, path, value)
  end
  check_range(rule, value, path, warnings)
  return check_listed(rule, value, path, warnings)
end

--- A number without a fraction: 512.0 becomes 512.
function scalar.integer(rule, value, path, warnings)
  local whole = type(value) == "number" and math.tointeger(value)
  if not whole then
    refuse(rule, path, value)
  end
  check_range(rule, whole, path, warnings)
  return check_listed(rule, whole, path, warnings)
end

--- True or false.
function scalar.boolean(rule, value, path)
  if type(value) ~= "boolean" then
    refuse(rule, path, value)
  end
  return value
end

local function of_type(name)
  return function(rule, value, path)
    if type(value) ~= name then
      refuse(rule, path, value)
    end
    return value
  end
end

--- A function.
scalar["function"] = of_type "function"

--- A table that another check reads.
scalar.table = of_type "table"

return scalar
