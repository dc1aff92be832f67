--- Reads fields of an answer as what they should be: a value of another type is no value. The
--- service's answers are not ours to trust, and its pages contradict each other about types.

local json = require "novita.json"

local shape = {
  --- A number, or text that is one.
  number = json.number,
  --- A whole number, however it is written.
  integer = json.integer,
  --- An identifier, as text.
  id = json.id,
}

--- Text; the empty text is text.
---@param value any
---@return string?
function shape.text(value)
  return type(value) == "string" and value or nil
end

--- Text that says something: the service writes "" for what it does not know.
---@param value any
---@return string?
function shape.word(value)
  return type(value) == "string" and value ~= "" and value or nil
end

--- True or false; anything else is nil.
---@param value any
---@return boolean?
function shape.boolean(value)
  if type(value) == "boolean" then
    return value
  end
end

--- An object, empty where there is none.
---@param value any
---@return table
function shape.object(value)
  return type(value) == "table" and value or {}
end

--- The entries of a list that are objects, each through `read`; empty where there is no list.
---@param value any
---@param read? fun(entry: table): any nil leaves the entry out
---@return any[]
function shape.list(value, read)
  local list = {}
  for _, entry in ipairs(shape.object(value)) do
    if type(entry) == "table" then
      list[#list + 1] = read and read(entry) or not read and entry or nil
    end
  end
  return list
end

--- The entries of a list that are text.
---@param value any
---@return string[]
function shape.words(value)
  local list = {}
  for _, entry in ipairs(shape.object(value)) do
    list[#list + 1] = shape.word(entry)
  end
  return list
end

return shape
