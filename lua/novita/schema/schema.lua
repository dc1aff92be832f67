--- Checks a table against a definition and copies it: forms, bodies of requests, options. This is
--- the only checker of names, types and ranges. The service silently drops unknown fields, so a
--- mistyped name must be found here, before anything is sent or paid.
---
--- Definitions are plain data (see novita.fields.*): the reference docs come from them too.

local describe = require "novita.schema.describe"
local usage_error = require "novita.schema.usage_error"
local scalar = require "novita.schema.scalar"
local format = require "novita.schema.format"
local list_end = require "novita.schema.list_end"
local unknown_name = require "novita.schema.unknown_name"

---@class novita.Rule
---@field type "string"|"bytes"|"integer"|"number"|"boolean"|"function"|"table"|"list"|"object"
--- |"any"
---@field name? string of the field
---@field required? boolean
---@field expected? boolean the page asks for it, but requests without it work
---@field default? any used if the script gives no value; {} for an object fills in the defaults of
--- its fields
---@field min? number least value; for strings and lists the least count; 0 for bytes: they may be
--- empty
---@field max? number greatest value or count
---@field above? number the value must be greater than this
---@field soft_max? number above this the field is sent, with a warning
---@field values? any[] the values that the API documents
---@field aliases? table<string, string> documented values by other names that are in use
---@field open? boolean other values than the documented ones are sent, with a warning
---@field infinite? boolean for numbers: math.huge is accepted
---@field numbers? boolean for strings: a number is accepted and written as text
---@field undocumented? boolean sent, with a warning
---@field noun? string the thing with its article, for messages: "a caption"
---@field member? "field"|"option" what the fields of an object are called in messages ("field")
---@field expects? string replaces the description of the rule after "must be" in messages
---@field items? novita.Rule of a list's entries
---@field fields? novita.Rule[] of an object
---@field unit? string of a number, for docs
---@field doc? string one sentence, for docs
---@field annotation? string its type for editors, where `type` does not say it
---@field page? string the public API page that it comes from, for docs

local schema = {}

local checks = setmetatable({}, { __index = scalar })

-- Another check reads the value.
function checks.any(_, value)
  return value
end

local function check(rule, value, path, context)
  return checks[rule.type](rule, value, path, context.warnings, context)
end

-- Definitions do not change, so what is made of them is kept: names by fields, sets by names, and
-- the checked defaults by field.
local names_of = setmetatable({}, { __mode = "k" })
local set_of = setmetatable({}, { __mode = "k" })
local default_of = setmetatable({}, { __mode = "k" })

--- The names of a definition's fields, in order.
---@param definition novita.Rule
---@return string[] names always the same table: do not change it
function schema.names(definition)
  local names = names_of[definition.fields]
  if not names then
    names = {}
    for index, field in ipairs(definition.fields) do
      names[index] = field.name
    end
    names_of[definition.fields] = names
  end
  return names
end

local function as_set(names)
  local set = set_of[names]
  if not set then
    set = {}
    for _, name in ipairs(names) do
      set[name] = true
    end
    set_of[names] = set
  end
  return set
end

local function is_among(key, names, ...)
  return names ~= nil and (as_set(names)[key] or is_among(key, ...))
end

--- Whether a table has a key that is in none of the lists.
---@param value table
---@param ... string[] names, which do not change any more
---@return boolean
function schema.has_others(value, ...)
  for key in pairs(value) do
    if not is_among(key, ...) then
      return true
    end
  end
  return false
end

--- The rule of one field.
---@param definition novita.Rule
---@param name string
---@return novita.Rule?
function schema.field(definition, name)
  for _, field in ipairs(definition.fields) do
    if field.name == name then
      return field
    end
  end
end

local function in_path(path, name)
  return path == "" and name or path .. "." .. name
end

-- The first key that is not among the names, by their text.
local function unknown_key(value, names)
  local known, first = as_set(names), nil
  for key in pairs(value) do
    if not known[key] and (first == nil or tostring(key) < tostring(first)) then
      first = key
    end
  end
  return first
end

-- How a message calls the table as a whole.
local function subject(rule, path)
  local noun = rule.noun or "the request"
  return path ~= "" and path or rule.member == "option" and "the options of " .. noun or noun
end

--- Refuses a table with a key that is not among the names. Only for use inside a check (see
--- novita.schema.usage_error).
---@param value table
---@param names string[] of the fields, which does not change any more
---@param path string where the table is, "" for the whole
---@param rule { noun?: string, member?: "field"|"option" } what the fields belong to
function schema.refuse_unknown(value, names, path, rule)
  local key = unknown_key(value, names)
  if key == nil then
    return
  elseif type(key) ~= "string" then
    usage_error.raise("%s must have string keys, got the key %s", subject(rule, path),
      format.value(key))
  end
  usage_error.raise("%s", unknown_name(key, names, path, rule))
end

--- Refuses names that are not fields, at any depth, and checks nothing else. Only for use inside a
--- check (see novita.schema.usage_error).
---@param rule novita.Rule
---@param value any
---@param path? string
function schema.check_names(rule, value, path)
  path = path or ""
  if type(value) ~= "table" then
    return
  elseif rule.fields then
    schema.refuse_unknown(value, schema.names(rule), path, rule)
    for _, field in ipairs(rule.fields) do
      schema.check_names(field, value[field.name], in_path(path, field.name))
    end
  elseif rule.items then
    for index, entry in ipairs(value) do
      schema.check_names(rule.items, entry, ("%s[%d]"):format(path, index))
    end
  end
end

local function written_path(field, path, context)
  path = in_path(path, field.name)
  return context.written[path] or path
end

-- A table is copied each time.
local function default(field, path, context)
  local value, warned = default_of[field], #context.warnings
  if value == nil then
    value = check(field, field.default, written_path(field, path, context), context)
    if type(value) ~= "table" and #context.warnings == warned then
      default_of[field] = value
    end
  end
  return value
end

local function check_missing(field, path, context)
  if field.default ~= nil then
    return default(field, path, context)
  elseif field.required and not context.later[field.name] then
    usage_error.raise("%s is missing: it must be %s", written_path(field, path, context),
      describe(field))
  end
end

-- `path`: of the object that has the field.
local function check_field(field, value, path, context)
  if value == nil then
    return check_missing(field, path, context)
  end
  path = written_path(field, path, context)
  if field.undocumented then
    context.warnings[#context.warnings + 1] = path
      .. " is not documented for this request: the service may ignore it"
  end
  return check(field, value, path, context)
end

function checks.object(rule, value, path, _, context)
  if type(value) ~= "table" then
    usage_error.must_be(subject(rule, path), describe(rule), value)
  end
  schema.refuse_unknown(value, schema.names(rule), path, rule)
  local copy = {}
  for _, field in ipairs(rule.fields) do
    local given = value[field.name]
    if given ~= nil or field.default ~= nil or field.required then
      copy[field.name] = check_field(field, given, path, context)
    end
  end
  return copy
end

-- The length of a proper list; nil for a table with other keys, or with holes.
local function list_length(value)
  local last, _, count = list_end(value)
  return last == count and last or nil
end

-- For a message.
local function no_list(value)
  local what = format.value(value)
  return what == "a table" and "a table with keys other than 1 to n" or what
end

local function check_count(rule, length, path, warnings)
  if length < (rule.min or 0) or length > (rule.max or math.huge) then
    usage_error.raise("%s must be %s, got %d entries", path, describe(rule), length)
  elseif length > (rule.soft_max or math.huge) then
    warnings[#warnings + 1] = ("%s has %d entries: the API documents at most %d"):format(
      path,
      length,
      rule.soft_max
    )
  end
end

function checks.list(rule, value, path, warnings, context)
  local length = type(value) == "table" and list_length(value)
  if not length then
    usage_error.raise("%s must be %s, got %s", path, describe(rule), no_list(value))
  end
  check_count(rule, length, path, warnings)
  local copy = {}
  for index = 1, length do
    copy[index] = check(rule.items, value[index], ("%s[%d]"):format(path, index), context)
  end
  return copy
end

local NOTHING <const> = {} -- never changed

local function run(definition, value, options)
  local context = {
    warnings = {},
    written = options.written or NOTHING,
    later = options.later or NOTHING,
  }
  return check(definition, value, options.path or "", context), context.warnings
end

---@class novita.SchemaOptions
---@field path? string how messages call the value itself
---@field written? table<string, string> path of a field → how the script wrote it
---@field later? table<string, boolean> required fields that may be missing for now
---@field level? integer whose line is blamed: 1 (default) the caller of schema.check, 2 its caller

--- Checks a value and copies it. Raises at the caller's line if it is wrong.
---@param definition novita.Rule
---@param value any never changed, never kept
---@param options? novita.SchemaOptions
---@return any copy
---@return string[] warnings
function schema.check(definition, value, options)
  options = options or {}
  local copy, warnings = usage_error.raise_at_caller(options.level or 1, run, definition, value,
    options)
  return copy, warnings
end

--- Checks a value and copies it, inside another check (see novita.schema.usage_error).
---@param definition novita.Rule
---@param value any never changed, never kept
---@param options? novita.SchemaOptions
---@return any copy
---@return string[] warnings
function schema.apply(definition, value, options)
  return run(definition, value, options or NOTHING)
end

--- Checks a value that does not come from the script (a file, a table of jobs) and copies it.
---@param definition novita.Rule
---@param value any never changed, never kept
---@param options? novita.SchemaOptions
---@return any copy nil if the value is wrong
---@return string[]|string warnings, or what is wrong
function schema.test(definition, value, options)
  local ok, copy, warnings = usage_error.catch(run, definition, value, options or {})
  if not ok then
    return nil, copy
  end
  return copy, warnings
end

return schema
