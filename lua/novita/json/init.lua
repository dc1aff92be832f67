--- JSON in and out, right on both lua-cjsons.
---
--- In: a private cjson (settings of the host's cjson are neither used nor changed). A null is
--- no value: fields that are null are gone, and entries of lists close up.
--- Out: an encoder of our own. cjson cuts numbers to 14 (Debian's) or 16 digits and knows no
--- order of keys; request bodies are small, so the cost does not count.

local cjson = require "cjson"
local decimal = require "novita.json.decimal"
local errors = require "novita.base.error"

local json = {}

local depth_most = 64 -- of what we read and of what we write; the API's own answers have 6

local private = cjson.new()
private.decode_max_depth(depth_most)
private.decode_invalid_numbers(false)

local function strip_list(list)
  local kept = 0
  for index = 1, #list do
    local value = list[index]
    list[index] = nil
    if value ~= cjson.null then
      kept = kept + 1
      list[kept] = value
    end
  end
end

local function strip_object(object)
  for key, value in pairs(object) do
    if value == cjson.null then
      object[key] = nil
    end
  end
end

local function strip(value)
  for _, inner in pairs(value) do
    if type(inner) == "table" then
      strip(inner)
    end
  end
  if value[1] ~= nil then
    strip_list(value)
  else
    strip_object(value)
  end
end

--- Reads a JSON text.
---@param text string
---@return any value nil where the text is not JSON, or is the word null
---@return string? why
function json.decode(text)
  local ok, value = pcall(private.decode, text)
  if not ok and errors.is_memory(value) then
    error(value, 0) -- that says nothing about the text
  elseif not ok then
    return nil, "invalid JSON: " .. value
  elseif value == cjson.null then
    return nil, "the JSON text is null"
  elseif type(value) == "table" and text:find("null", 1, true) then
    strip(value)
  end
  return value
end

local escapes = {
  ['"'] = '\\"',
  ["\\"] = "\\\\",
  ["\b"] = "\\b",
  ["\f"] = "\\f",
  ["\n"] = "\\n",
  ["\r"] = "\\r",
  ["\t"] = "\\t",
}

local function escaped(character)
  return escapes[character] or ("\\u%04x"):format(character:byte())
end

local function encode_string(text)
  return '"' .. text:gsub('[\0-\31\127"\\]', escaped) .. '"'
end

local function encode_number(number)
  if number ~= number or number == math.huge or number == -math.huge then
    error("json: a number that is not finite", 0)
  end
  return decimal(number)
end

local encode_value

local function encode_list(list, rule, depth)
  local texts = {}
  for index, value in ipairs(list) do
    texts[index] = encode_value(value, rule and rule.items, depth) or "{}"
  end
  return "[" .. table.concat(texts, ",") .. "]"
end

local function sorted_names(object, taken)
  local names = {}
  for name in pairs(object) do
    if type(name) ~= "string" then
      error("json: a table with keys of several kinds", 0)
    end
    names[#names + 1] = not taken[name] and name or nil
  end
  table.sort(names)
  return names
end

local function encode_object(object, rule, depth)
  local texts, taken = {}, {}
  local function add(name, inner)
    taken[name] = true
    local text = encode_value(object[name], inner, depth)
    texts[#texts + 1] = text and encode_string(name) .. ":" .. text
  end
  for _, field in ipairs(rule and rule.fields or {}) do
    add(field.name, field)
  end
  for _, name in ipairs(sorted_names(object, taken)) do
    add(name)
  end
  return texts[1] and "{" .. table.concat(texts, ",") .. "}"
end

local function encode_table(value, rule, depth)
  if depth >= depth_most then
    error("json: a table nested too deep", 0)
  end
  return (value[1] ~= nil and encode_list or encode_object)(value, rule, depth + 1)
end

local encoders = {
  ["nil"] = function() end,
  boolean = tostring,
  number = encode_number,
  string = encode_string,
  table = encode_table,
}

function encode_value(value, rule, depth)
  local encoder = encoders[type(value)]
  if not encoder then
    error("json: a " .. type(value), 0)
  end
  return encoder(value, rule, depth)
end

--- Writes a JSON text. Fields that are empty tables are left out: the API is never sent an
--- empty list or object. Keys come in the order of the definition, the others sorted.
---@param value any tables, strings, finite numbers, booleans
---@param definition? novita.Rule what the value was checked with
---@return string text raises where the value cannot be JSON
function json.encode(value, definition)
  return encode_value(value, definition, 0) or "{}"
end

local exact_most = 2 ^ 53 -- above this a float no longer holds every integer

--- An identifier as text, whether the service wrote "34558688e2f4", 100024 or 1.00024e5.
---@param value any
---@return string? id nil where it is no identifier, or a number too large to be exact
function json.id(value)
  if type(value) == "string" then
    return value ~= "" and value or nil
  end
  local whole = type(value) == "number" and math.tointeger(value)
  if whole and (math.type(value) == "integer" or math.abs(value) < exact_most) then
    return ("%d"):format(whole)
  end
end

local number_pattern = "^%-?%d+%.?%d*[eE]?[+-]?%d*$"

--- A number, whether the service wrote 3600 or "3600".
---@param value any
---@return number? number nil where it is none
function json.number(value)
  if type(value) == "string" then
    value = value:find(number_pattern) and tonumber(value)
  end
  if type(value) == "number" and value - value == 0 then
    return value
  end
end

--- An integer, whether the service wrote 3600, 3600.0 or "3600".
---@param value any
---@return integer? integer nil where it is none
function json.integer(value)
  local number = json.number(value)
  return number and math.tointeger(number) or nil
end

return json
