--- Writes JSON for requests, for the command line and for the emulator. A policy holds the
--- differences between them.
---
--- lua-cjson is not used for this: it cuts numbers to 14 (Debian's) or 16 digits and does not order
--- keys.

local cjson = require "cjson"
local core = require "novita.core"
local decimal = require "novita.json.decimal"

---@class novita.JsonPolicy
---@field order? novita.Rule keys come in the order of this definition, the others sorted
---@field keep_empty? boolean write empty tables; default: a field that is an empty table is left
--- out, because the API must not get an empty list or object
---@field unmarked? "list"|"object" what an empty table without a mark is; default "object"
---@field digits? integer significant digits of a fraction; default: as many as it takes to read
--- the same number back
---@field not_finite? string written for nan and infinity; default: they raise
---@field null? boolean write cjson.null; default: it raises
---@field valid? fun(text: string): string makes a string valid UTF-8; default: strings are taken
--- as they are

local json = {}

local depth_most = 64

local List, Object = {}, {} -- metatables that mark a table

--- Marks a table as a list, even if it is empty.
---@param items any[]
---@return any[]
function json.list(items)
  return setmetatable(items, List)
end

--- Makes an object whose fields keep this order. A field that is nil is left out.
---@param ... any name, value, name, value, ...
---@return table
function json.object(...)
  return setmetatable(table.pack(...), Object)
end

local function encode_string(text, policy)
  return core.json_string(policy.valid and policy.valid(text) or text)
end

local function encode_number(number, policy)
  if number - number ~= 0 then
    return policy.not_finite or error("json: a number that is not finite", 0)
  elseif policy.digits and not math.tointeger(number) then
    local text = ("%%.%dg"):format(policy.digits):format(number)
    return (text:gsub("[^0-9eE+-]+", ".")) -- the locale's decimal comma
  end
  return decimal(number)
end

local function encode_null(value, policy)
  if value ~= cjson.null or not policy.null then
    error("json: a userdata", 0)
  end
  return "null"
end

local encode_value

local function encode_list(list, policy, rule, depth)
  local texts = {}
  for index, value in ipairs(list) do
    texts[index] = encode_value(value, policy, rule and rule.items, depth) or "{}"
  end
  return "[" .. table.concat(texts, ",") .. "]"
end

-- The names of the fields that are not `written`, in order.
local function other_names(object, written)
  local names, count = {}, 0
  for name in pairs(object) do
    if type(name) ~= "string" then
      error("json: a table with keys of several kinds", 0)
    elseif not (written and written[name]) then
      count = count + 1
      names[count] = name
    end
  end
  table.sort(names, core.before)
  return names
end

-- An object; nil if it has no fields and the policy leaves empty tables out.
local function concat_fields(texts, policy)
  return (texts[1] or policy.keep_empty) and "{" .. table.concat(texts, ",") .. "}" or nil
end

local function add_field(texts, name, value, policy, ...)
  local text = encode_value(value, policy, ...)
  texts[#texts + 1] = text and encode_string(name, policy) .. ":" .. text
end

local function encode_object(object, policy, rule, depth)
  local texts, written = {}, rule and rule.fields and {}
  for _, field in ipairs(written and rule.fields or {}) do
    written[field.name] = true
    add_field(texts, field.name, object[field.name], policy, field, depth)
  end
  for _, name in ipairs(other_names(object, written)) do
    add_field(texts, name, object[name], policy, nil, depth)
  end
  return concat_fields(texts, policy)
end

local function encode_ordered(object, policy, _, depth)
  local texts = {}
  for index = 1, object.n, 2 do
    add_field(texts, object[index], object[index + 1], policy, nil, depth)
  end
  return concat_fields(texts, policy)
end

local function encoder_of(value, policy)
  local mark = getmetatable(value)
  if mark == Object then
    return encode_ordered
  elseif mark == List or value[1] ~= nil then
    return encode_list
  end
  return policy.unmarked == "list" and next(value) == nil and encode_list or encode_object
end

local function encode_table(value, policy, rule, depth)
  if depth >= depth_most then
    error("json: a table nested too deep", 0)
  end
  return encoder_of(value, policy)(value, policy, rule, depth + 1)
end

local encoders = {
  ["nil"] = function() end,
  boolean = tostring,
  number = encode_number,
  string = encode_string,
  table = encode_table,
  userdata = encode_null,
}

function encode_value(value, policy, rule, depth)
  local encoder = encoders[type(value)]
  if not encoder then
    error("json: a " .. type(value), 0)
  end
  return encoder(value, policy, rule, depth)
end

local default = {}

--- Writes a JSON text. Raises if the value cannot be JSON.
---@param value any tables, strings, numbers, booleans
---@param policy? novita.JsonPolicy
---@return string text
function json.encode(value, policy)
  policy = policy or default
  return encode_value(value, policy, policy.order, 0) or "{}"
end

return json
