--- Reads the fields of a response as the type they should have. A value of another type counts as
--- no value: we cannot trust the service's responses, and its pages contradict each other about
--- types.

local json = require "novita.json"

local coerce = {
  --- A number, or a string that reads as one.
  number = json.number,
  --- An integer, in any notation.
  integer = json.integer,
  --- An identifier, as a string.
  id = json.id,
}

local LONGEST <const> = 1e9 -- seconds of an ETA, as in csrc/watch/task_status.c
local LAST <const> = 253402300799 -- the end of the year 9999

local function within(value, most)
  return value and value >= 0 and value <= most and value or nil
end

--- Remaining seconds. A number too large for any task counts as unknown.
---@param value any
---@return number?
function coerce.eta(value)
  return within(json.number(value), LONGEST)
end

--- A percentage.
---@param value any
---@return number? percent 0 to 100
function coerce.percent(value)
  return within(json.number(value), 100)
end

--- A time up to the end of the year 9999.
---@param value any
---@return integer? at unix seconds
function coerce.time(value)
  return within(json.integer(value), LAST)
end

--- A string, even if it is empty.
---@param value any
---@return string?
function coerce.text(value)
  return type(value) == "string" and value or nil
end

--- A non-empty string: the service writes "" for a value that it does not know.
---@param value any
---@return string?
function coerce.word(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- True or false; anything else is nil.
---@param value any
---@return boolean?
function coerce.boolean(value)
  if type(value) == "boolean" then
    return value
  end
end

--- An object; an empty one if there is no object.
---@param value any
---@return table
function coerce.object(value)
  return type(value) == "table" and value or {}
end

--- The entries of a list that are objects, each passed through `read`; empty for another value.
---@param value any
---@param read? fun(entry: table): any returns nil to leave the entry out
---@return any[]
function coerce.list(value, read)
  local list = {}
  for _, entry in ipairs(coerce.object(value)) do
    if type(entry) == "table" then
      list[#list + 1] = read and read(entry) or not read and entry or nil
    end
  end
  return list
end

--- The entries of a list that are non-empty strings.
---@param value any
---@return string[]
function coerce.words(value)
  local list = {}
  for _, entry in ipairs(coerce.object(value)) do
    list[#list + 1] = coerce.word(entry)
  end
  return list
end

return coerce
