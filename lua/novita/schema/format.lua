--- Shows values and rules in messages: short, on one line, safe to print anywhere.

local show = {}

local longest = 60 -- characters of a text that are shown

local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ['"'] = '\\"' }

local function escaped(character)
  return escapes[character] or ("\\x%02X"):format(character:byte())
end

--- A text in quotes, cut where it is long, with control bytes (and where it is not UTF-8, all
--- bytes above ASCII) escaped.
---@param text string
---@return string
function show.text(text)
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
    return "not a number (nan)"
  end
  return ("%.14g"):format(value)
end

--- Any value.
---@param value any
---@return string
function show.value(value)
  local kind = type(value)
  if kind == "string" then
    return value == "" and "empty" or show.text(value)
  elseif kind == "number" then
    return number(value)
  elseif kind == "table" or kind == "function" or kind == "userdata" or kind == "thread" then
    return "a " .. kind
  end
  return tostring(value)
end

--- A list of values: "a", "b", "c".
---@param values any[]
---@return string
function show.list(values)
  local shown = {}
  for index, value in ipairs(values) do
    shown[index] = show.value(value)
  end
  return table.concat(shown, ", ")
end

--- A range: "from 1 to 4", "from 1", "up to 4", "above 0" or nothing.
---@param rule table with min, max or above
---@return string
function show.range(rule)
  if rule.above then
    return (" above %s"):format(number(rule.above))
  elseif rule.min and rule.max then
    return (" from %s to %s"):format(number(rule.min), number(rule.max))
  elseif rule.min then
    return (" from %s"):format(number(rule.min))
  elseif rule.max then
    return (" up to %s"):format(number(rule.max))
  end
  return ""
end

local function counted(count, unit)
  if count == 1 then
    unit = unit:gsub("ies$", "y"):gsub("s$", "")
  end
  return ("%d %s"):format(count, unit)
end

--- How many: "1 to 50 entries", "at least 1 character", "at most 5 entries" or nothing.
---@param rule table with min or max
---@param unit string in the plural
---@return string?
function show.count(rule, unit)
  if rule.min and rule.max then
    return ("%d to %s"):format(rule.min, counted(rule.max, unit))
  elseif rule.min then
    return "at least " .. counted(rule.min, unit)
  elseif rule.max then
    return "at most " .. counted(rule.max, unit)
  end
end

return show
