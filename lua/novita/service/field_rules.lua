--- The second half of reading a body: lengths, ranges, lists of allowed values. The messages have
--- the wording of the service's validator generator.

local ascii = require "novita.base.ascii"
local decimal = require "novita.json.decimal"

local function camel(name)
  return (name:gsub("^%l", ascii.upper):gsub("_(%w)", ascii.upper))
end

local function runes(text)
  return utf8.len(text) or #text
end

local check = {}

function check.min_len(least, value)
  return runes(value) >= least, ("value length must be at least %d runes"):format(least)
end

function check.len(bounds, value)
  local n = runes(value)
  return n >= bounds[1] and n <= bounds[2],
    ("value length must be between %d and %d runes, inclusive"):format(bounds[1], bounds[2])
end

function check.range(bounds, value)
  return value >= bounds[1] and value <= bounds[2],
    ("value must be inside range [%s, %s]"):format(bounds[1], bounds[2])
end

function check.gte(least, value)
  return value >= least, ("value must be greater than or equal to %s"):format(least)
end

function check.gt(limit, value)
  return value > limit, ("value must be greater than %s"):format(limit)
end

function check.items(bounds, value)
  return #value >= bounds[1] and #value <= bounds[2],
    ("value must contain between %d and %d items, inclusive"):format(bounds[1], bounds[2])
end

function check.one_of(allowed, value)
  for _, one in ipairs(allowed) do
    if one == value then return true end
  end
  local words = {}
  for i, one in ipairs(allowed) do
    words[i] = type(one) == "number" and decimal(one) or one
  end
  return false, ("value must be in list [%s]"):format(table.concat(words, " "))
end

local ORDER = { "items", "min_len", "len", "range", "gte", "gt", "one_of" }
local UNSET = { string = "", id = "", integer = 0, number = 0 }

local function rule(field, name, strict)
  if strict and field.strict and field.strict[name] ~= nil then return field.strict[name] end
  return field[name]
end

local function broken_rule(field, value, strict)
  for _, name in ipairs(ORDER) do
    local argument = rule(field, name, strict)
    if argument ~= nil then
      local ok, text = check[name](argument, value)
      if not ok then return text end
    end
  end
  return nil
end

local rules = {}

local function embedded(message, label, value, strict)
  local inner = rules.broken(message, value, strict)
  if not inner then return nil end
  return ("invalid %s: embedded message failed validation | caused by: %s"):format(label, inner)
end

local function broken_item(message, field, label, value, strict)
  if field[2] == "message" then return embedded(field.of, label, value, strict) end
  for i, item in ipairs(field[2] == "list" and value or {}) do
    local inner = embedded(field.of, ("%s.%s[%d]"):format(message.name, camel(field[1]), i - 1),
      item, strict)
    if inner then return inner end
  end
  return nil
end

local function broken_value(message, field, value, strict)
  local label = message.name .. "." .. camel(field[1])
  if value == nil and rule(field, "required", strict) then
    value = not field.present and UNSET[field[2]] or nil
    if field[2] == "list" then value = {} end
    if value == nil then return ("invalid %s: value is required"):format(label) end
  end
  if value == nil or (field.blank and value == "") then return nil end
  local text = broken_rule(field, value, strict)
  if text then return ("invalid %s: %s"):format(label, text) end
  return broken_item(message, field, label, value, strict)
end

--- The first rule that a message breaks, in the framework's wording.
---@param message table one of novita.service.messages
---@param value table with the right types
---@param strict boolean
---@return string? text nil if it breaks none
function rules.broken(message, value, strict)
  for _, field in ipairs(message.fields) do
    local text = broken_value(message, field, value[field[1]], strict)
    if text then return text end
  end
  return nil
end

return rules
