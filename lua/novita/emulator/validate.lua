--- Reads a request body the way the service's framework seems to: first the types (CODEC), then the
--- rules (VALIDATOR). Unknown fields are dropped, null is unset, a number may come as a string but
--- a string never as a number.

local answers = require "novita.emulator.answers"
local json = require "novita.emulator.json"

local validate = {}

--- ---- types ----

local function mismatch(kind, name, value)
  error({ codec = ("proto: invalid value for %s field %s: %s"):format(kind, name,
    type(value) == "table" and "{...}" or tostring(value)) }, 0)
end

local convert, convert_message = {}, nil

local function to_number(field, value)
  local number = type(value) == "number" and value
    or type(value) == "string" and value:find("^%-?%d") and tonumber(value)
  if not number then mismatch(field[2], field[1], value) end
  return number
end

function convert.number(field, value)
  return to_number(field, value) + 0.0
end

function convert.integer(field, value)
  local whole = math.tointeger(to_number(field, value))
  if not whole then mismatch("integer", field[1], value) end
  return whole
end

function convert.string(field, value)
  if type(value) ~= "string" then mismatch("string", field[1], value) end
  return value
end

function convert.boolean(field, value)
  if type(value) ~= "boolean" then mismatch("bool", field[1], value) end
  return value
end

--- An assets_id: a string, and a number unless strict.
function convert.id(field, value, strict)
  local whole = not strict and type(value) == "number" and math.tointeger(value)
  return whole and tostring(whole) or convert.string(field, value)
end

function convert.message(field, value, strict)
  if type(value) ~= "table" or #value > 0 then mismatch("message", field[1], value) end
  return convert_message(field.of, value, strict)
end

function convert.list(field, value, strict)
  if type(value) ~= "table" or (next(value) ~= nil and #value == 0) then
    mismatch("repeated", field[1], value)
  end
  local list = {}
  for i, item in ipairs(value) do
    if type(item) ~= "table" then mismatch("message", field[1], item) end
    list[i] = convert_message(field.of, item, strict)
  end
  return list
end

function convert_message(message, value, strict)
  local result = {}
  for _, field in ipairs(message.fields) do
    local given = value[field[1]]
    if given ~= nil and given ~= json.null then
      result[field[1]] = convert[field[2]](field, given, strict)
    end
  end
  return result
end

--- ---- rules ----

local function camel(name)
  return (name:gsub("^%l", string.upper):gsub("_(%w)", string.upper))
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
  for i, one in ipairs(allowed) do words[i] = tostring(one) end
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

local broken_field

local function embedded(message, label, value, strict)
  local inner = broken_field(message, value, strict)
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

function broken_field(message, value, strict)
  for _, field in ipairs(message.fields) do
    local text = broken_value(message, field, value[field[1]], strict)
    if text then return text end
  end
  return nil
end

--- Reads a body.
---@param message table one of novita.emulator.messages
---@param object table as decoded
---@param strict boolean
---@return table? body only the known fields, of the right types
---@return novita.emulator.Answer? refusal
function validate.read(message, object, strict)
  local ok, body = pcall(convert_message, message, object, strict)
  if not ok then
    if type(body) ~= "table" then error(body, 0) end
    return nil, answers.api_error(400, "CODEC", "body unmarshal " .. body.codec)
  end
  local text = broken_field(message, body, strict)
  if text then return nil, answers.api_error(400, "VALIDATOR", text) end
  return body
end

return validate
