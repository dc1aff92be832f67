--- Formats values and ranges for messages: short, on one line, safe to print anywhere.

local format = {}

local longest = 60 -- characters of a string that are printed

local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"' }

local function escaped(character)
  return escapes[character] or ("\\x%02X"):format(character:byte())
end

--- A string in quotes. A long one is cut. Control bytes are escaped, and so is every byte above
--- ASCII if the string is not UTF-8.
---@param text string
---@return string
function format.text(text)
  local valid = utf8.len(text)
  if not valid then
    return '"' .. text:sub(1, longest):gsub('[\0-\31"\127-\255]', escaped) .. '"'
  elseif valid > longest then
    text = text:sub(1, utf8.offset(text, longest + 1) - 1) .. "..."
  end
  return '"' .. text:gsub('[\0-\31\127"]', escaped) .. '"'
end

local function number(value)
  local whole = math.tointeger(value)
  if whole then
    return ("%d"):format(whole)
  elseif value ~= value then
    return "nan"
  end
  return ("%.14g"):format(value)
end

-- An object of this library by its class: "a novita.Model".
local function object(value)
  local metatable = getmetatable(value)
  local name = type(metatable) == "table" and rawget(metatable, "__name")
  return type(name) == "string" and name:find "^novita%.%a+$" and name
end

--- Any value.
---@param value any
---@return string
function format.value(value)
  local kind = type(value)
  if kind == "string" then
    return format.text(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "table" or kind == "function" or kind == "userdata" or kind == "thread" then
    return "a " .. (object(value) or kind)
  end
  return tostring(value)
end

local function each_value(values)
  local texts = {}
  for index, value in ipairs(values) do
    texts[index] = format.value(value)
  end
  return texts
end

--- A list of values: "a", "b", "c".
---@param values any[]
---@return string
function format.list(values)
  return table.concat(each_value(values), ", ")
end

--- A choice between values: "a", "b" or "c".
---@param values any[]
---@return string
function format.alternatives(values)
  local texts = each_value(values)
  local last = table.remove(texts)
  return texts[1] and table.concat(texts, ", ") .. " or " .. last or last
end

--- A range: " from 1 to 4", " >= 1", " <= 4", " > 0", " > 0 and <= 4" or nothing.
---@param rule table with min, max or above
---@return string
function format.range(rule)
  if rule.above and rule.max then
    return (" > %s and <= %s"):format(number(rule.above), number(rule.max))
  elseif rule.above then
    return (" > %s"):format(number(rule.above))
  elseif rule.min and rule.max then
    return (" from %s to %s"):format(number(rule.min), number(rule.max))
  elseif rule.min then
    return (" >= %s"):format(number(rule.min))
  elseif rule.max then
    return (" <= %s"):format(number(rule.max))
  end
  return ""
end

local function counted(count, unit)
  if count == 1 then
    unit = unit:gsub("ies$", "y"):gsub("s$", "")
  end
  return ("%d %s"):format(count, unit)
end

--- A count: "1 to 50 entries", "at least 1 character", "at most 5 entries"; nil without limits.
---@param rule table with min or max
---@param unit string in the plural
---@return string?
function format.count(rule, unit)
  if rule.min and rule.max then
    return ("%d to %s"):format(rule.min, counted(rule.max, unit))
  elseif rule.min then
    return "at least " .. counted(rule.min, unit)
  elseif rule.max then
    return "at most " .. counted(rule.max, unit)
  end
end

return format
