--- JSON for machines: fields in a fixed (alphabetic) order, empty lists as [], valid UTF-8.

local printable = require "novita.cli.printable"

local json = {}

local List = {}

--- Marks a table as a list, also when it is empty.
---@param items any[]
---@return any[]
function json.list(items)
  return setmetatable(items, List)
end

local short = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escaped(character)
  return short[character] or ("\\u%04x"):format(character:byte())
end

local encode

local function encode_list(list)
  local texts = {}
  for i, value in ipairs(list) do
    texts[i] = encode(value)
  end
  return "[" .. table.concat(texts, ",") .. "]"
end

local function encode_object(object)
  local names, texts = {}, {}
  for name in pairs(object) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  for i, name in ipairs(names) do
    texts[i] = encode(name) .. ":" .. encode(object[name])
  end
  return "{" .. table.concat(texts, ",") .. "}"
end

local function encode_number(value)
  if value ~= value or value == math.huge or value == -math.huge then
    return "null"
  end
  local whole = math.tointeger(value)
  return whole and ("%d"):format(whole) or ("%.14g"):format(value)
end

function encode(value)
  local kind = type(value)
  if kind == "string" then
    return '"' .. printable.valid(value):gsub('[\0-\31\127"\\]', escaped) .. '"'
  elseif kind == "number" then
    return encode_number(value)
  elseif kind == "table" then
    local is_list = getmetatable(value) == List or value[1] ~= nil
    return (is_list and encode_list or encode_object)(value)
  end
  return tostring(value)
end

--- One line of JSON.
---@param value any tables, strings, numbers, booleans
---@return string
function json.encode(value)
  return encode(value)
end

return json
