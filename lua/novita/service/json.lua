--- JSON as the service reads and writes it: fields in a fixed order, empty lists as [], empty
--- objects as {}.

local locale_cjson = require "novita.json.cjson"
local encoder = require "novita.json.encode"

local cjson = locale_cjson.new()
cjson.settings.decode_invalid_numbers(false) -- NaN, Infinity and 0x10 are not JSON

---@type novita.JsonPolicy
local policy = { keep_empty = true, unmarked = "list", digits = 14, null = true }

local json = { null = locale_cjson.null, list = encoder.list, object = encoder.object }

--- A JSON text.
---@param value any
---@return string
function json.encode(value)
  return encoder.encode(value, policy)
end

--- Reads an object. Anything else is an error.
---@param text string
---@return table? object
---@return string? why
function json.decode_object(text)
  if not text:find("^%s*{") then return nil, "unexpected token" end
  local ok, value = pcall(cjson.decode, text)
  if ok then return value end
  -- without the place in our code
  return nil, (tostring(value):gsub("^[^%s:]+:%d+: ", ""))
end

return json
