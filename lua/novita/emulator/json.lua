--- JSON as the service writes it: fields in their order, empty lists as [], empty maps as {}.
-- lua-cjson reads; it does not write because Debian's cannot tell an empty list from a map.

local cjson = require("cjson").new()
cjson.decode_invalid_numbers(false) -- NaN, Infinity and 0x10 are no JSON

local json = { null = cjson.null }

local list_mark, map_mark = {}, {}

--- Marks a table as a list, also when it is empty.
---@param items any[]
---@return any[]
function json.list(items)
  return setmetatable(items, list_mark)
end

--- Makes an object whose fields keep this order; a field that is nil is left out.
---@param ... any name, value, name, value, ...
---@return table
function json.object(...)
  return setmetatable(table.pack(...), map_mark)
end

local ESCAPES = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function escape(char)
  return ESCAPES[char] or ("\\u%04x"):format(char:byte())
end

local write = {}

local function encode(value)
  return write[type(value)](value)
end

function write.string(value)
  return '"' .. value:gsub('[%c"\\]', escape) .. '"'
end

function write.number(value)
  local whole = math.tointeger(value)
  return whole and ("%d"):format(whole) or ("%.14g"):format(value)
end

function write.boolean(value)
  return tostring(value)
end

function write.userdata() -- cjson.null
  return "null"
end

local function write_list(items)
  local out = {}
  for i, item in ipairs(items) do out[i] = encode(item) end
  return "[" .. table.concat(out, ",") .. "]"
end

local function write_map(map)
  local out = {}
  for i = 1, map.n, 2 do
    if map[i + 1] ~= nil then
      out[#out + 1] = encode(map[i]) .. ":" .. encode(map[i + 1])
    end
  end
  return "{" .. table.concat(out, ",") .. "}"
end

function write.table(value)
  return getmetatable(value) == map_mark and write_map(value) or write_list(value)
end

json.encode = encode

--- Reads an object; anything else is an error.
---@param text string
---@return table? object
---@return string? why
function json.decode_object(text)
  if not text:find("^%s*{") then return nil, "unexpected token" end
  local ok, value = pcall(cjson.decode, text)
  if ok then return value end
  return nil, tostring(value)
end

return json
