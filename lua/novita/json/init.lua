--- JSON in and out, right with both lua-cjsons.
---
--- In: a private cjson, so that the settings of the program's cjson are neither used nor changed. A
--- null counts as missing: null fields are removed, and so are null entries of lists.
--- Out: novita.json.encode.

local cjson = require "novita.json.cjson"
local encoder = require "novita.json.encode"
local errors = require "novita.base.error"

local json = { encode = encoder.encode }

local depth_most = 64 -- as in novita.json.encode; the API's own responses have 6

local private = cjson.new()
private.settings.decode_max_depth(depth_most)
private.settings.decode_invalid_numbers(false)

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

local BOM <const> = "\xEF\xBB\xBF" -- of UTF-8; editors and services of Windows write it

--- Reads a JSON text.
---@param text string
---@return any value nil if the text is not JSON, or is the word null
---@return string? why
function json.decode(text)
  if text:sub(1, #BOM) == BOM then
    text = text:sub(#BOM + 1)
  end
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

local exact_most = 2 ^ 53 -- above this a float no longer holds every integer

--- An identifier as text, whether the service wrote "34558688e2f4", 100024 or 1.00024e5.
---@param value any
---@return string? id nil if it is not an identifier, or a number too large to be exact
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
---@return number? number nil if it is not a number
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
---@return integer? integer nil if it is not an integer
function json.integer(value)
  local number = json.number(value)
  return number and math.tointeger(number) or nil
end

return json
