--- JSON for programs that read the command line's output: keys in alphabetic order, empty lists as
--- [], valid UTF-8.

local encoder = require "novita.json.encode"
local printable = require "novita.base.printable"

---@type novita.JsonPolicy
local policy = { keep_empty = true, digits = 14, not_finite = "null", valid = printable.valid }

local json = { list = encoder.list }

--- One line of JSON.
---@param value any tables, strings, numbers, booleans
---@return string
function json.encode(value)
  return encoder.encode(value, policy)
end

return json
