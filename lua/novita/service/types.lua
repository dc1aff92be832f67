--- The first half of reading a body: each known field is converted to its type, unknown fields are
--- dropped, and null counts as missing. A string is accepted for a number, but not the reverse.

local json = require "novita.service.json"

local function mismatch(kind, name, value)
  error({ codec = ("proto: invalid value for %s field %s: %s"):format(kind, name,
    type(value) == "table" and "{...}" or tostring(value)) }, 0)
end

local types, convert = {}, {}

-- Decimal only, and only values that a double can hold: the ledger must encode it again.
local function to_number(field, value)
  local number = type(value) == "number" and value
    or type(value) == "string" and value:find("^%-?%d[%d.eE+-]*$") and tonumber(value)
  if not number or math.abs(number) == math.huge then mismatch(field[2], field[1], value) end
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

--- An assets_id: a string, or a number unless strict.
function convert.id(field, value, strict)
  local whole = not strict and type(value) == "number" and math.tointeger(value)
  return whole and tostring(whole) or convert.string(field, value)
end

function convert.message(field, value, strict)
  if type(value) ~= "table" or #value > 0 then mismatch("message", field[1], value) end
  return types.message(field.of, value, strict)
end

function convert.list(field, value, strict)
  if type(value) ~= "table" or (next(value) ~= nil and #value == 0) then
    mismatch("repeated", field[1], value)
  end
  local list = {}
  for i, item in ipairs(value) do
    if type(item) ~= "table" then mismatch("message", field[1], item) end
    list[i] = types.message(field.of, item, strict)
  end
  return list
end

--- Reads the fields of a message; raises { codec = text } for a wrong type.
---@param message table one of novita.service.messages
---@param value table the decoded JSON
---@param strict boolean
---@return table
function types.message(message, value, strict)
  local result = {}
  for _, field in ipairs(message.fields) do
    local given = value[field[1]]
    if given ~= nil and given ~= json.null then
      result[field[1]] = convert[field[2]](field, given, strict)
    end
  end
  return result
end

return types
