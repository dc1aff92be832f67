--- JSON for the page: empty lists as [], valid UTF-8.

local cjson = require("novita.json.cjson").new()
local encoder = require "novita.json.encode"
local printable = require "novita.base.printable"
local whole_numbers = require "novita.json.whole_numbers"

cjson.settings.decode_invalid_numbers(false)
cjson.settings.decode_max_depth(8)

---@type novita.JsonPolicy
local policy = { keep_empty = true, digits = 14, not_finite = "null", valid = printable.valid }

local json = { list = encoder.list }

---@param value table
---@return string
function json.encode(value)
  return encoder.encode(value, policy)
end

-- A null is a field that is not there.
local function without_nulls(value)
  for name, inner in pairs(value) do
    if type(inner) == "userdata" then
      value[name] = nil
    elseif type(inner) == "table" then
      without_nulls(inner)
    end
  end
  return value
end

--- Reads an object.
---@param text string
---@return table? object nil if the text is not one
function json.decode_object(text)
  if not text:find "^%s*{" then
    return nil
  end
  local ok, value = pcall(cjson.decode, text)
  return ok and whole_numbers(without_nulls(value)) or nil
end

return json
