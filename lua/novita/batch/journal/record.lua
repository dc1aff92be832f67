--- Reads a row of the store, with every field as the type that it must have. SQLite does not check
--- types, so a damaged file may hold text instead of a number, or truncated JSON. That raises an
--- error, because a job must not be guessed.

local errors = require "novita.base.error"
local json = require "novita.json"
local whole_numbers = require "novita.json.whole_numbers"

local record = {}

--- Reads JSON with whole numbers as integers.
---@param text string
---@return any
---@return string? why
function record.decode(text)
  local value, why = json.decode(text)
  return whole_numbers(value), why
end

local function object(decode)
  return function(value)
    local read = type(value) == "string" and decode(value)
    return type(read) == "table" and read or nil
  end
end

-- The value of a field, from what the database returns; nil if it has another type.
local kinds = {
  integer = function(value)
    return type(value) == "number" and math.tointeger(value) or nil
  end,
  number = function(value)
    return type(value) == "number" and value or nil
  end,
  text = function(value)
    return type(value) == "string" and value or nil
  end,
  params = object(record.decode),
  json = object(json.decode),
}

---@class novita.batch.Readers
---@field of table<string, function> by field
---@field required string[] fields that are never empty

--- The readers of a table's fields, for `record.read`.
---@param fields table<string, string[]> by "integer", "number", "text", "params" or "json"
---@param required string[] fields that are never empty
---@return novita.batch.Readers
function record.readers(fields, required)
  local of = {}
  for kind, names in pairs(fields) do
    for _, name in ipairs(names) do
      of[name] = kinds[kind]
    end
  end
  return { of = of, required = required }
end

local function refuse(name, what)
  error(errors.new {
    kind = "journal",
    code = "damaged",
    message = ("the journal is damaged: the %s of a %s cannot be read; restore it from a copy")
      :format(name, what),
  }, 0)
end

--- Reads a table that is JSON.
---@param text string
---@param name string for the error
---@return table
function record.table(text, name)
  return kinds.params(text) or refuse(name, "journal")
end

--- The columns of a row: tables as JSON, everything else as it is.
---@param fields table<string, any>
---@return table<string, string|number|false>
function record.columns(fields)
  local columns = {}
  for name, value in pairs(fields) do
    columns[name] = type(value) == "table" and json.encode(value) or value
  end
  return columns
end

--- Reads a row in place; other fields than the required ones may be empty.
---@param row table
---@param readers novita.batch.Readers
---@param what string "job", for the error
---@return table row
function record.read(row, readers, what)
  for name, reader in pairs(readers.of) do
    local value = row[name]
    if value ~= nil then
      row[name] = reader(value)
      if row[name] == nil then
        refuse(name, what)
      end
    end
  end
  for _, name in ipairs(readers.required) do
    if row[name] == nil then
      refuse(name, what)
    end
  end
  return row
end

return record
