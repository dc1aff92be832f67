--- Says what a rule of novita.fields accepts, for the reference and the annotations for editors.

local rule_text = {}

local function number(value)
  return math.type(value) == "float" and ("%g"):format(value) or tostring(value)
end

local function range(rule)
  local unit = rule.unit and " " .. rule.unit or ""
  if rule.above then
    return "above " .. number(rule.above) .. unit
  elseif rule.min and rule.max then
    return ("%s to %s%s"):format(number(rule.min), number(rule.max), unit)
  elseif rule.min then
    return "from " .. number(rule.min) .. unit
  end
  return rule.unit or ""
end

--- Values, each as code.
---@param values any[]
---@return string
function rule_text.listed(values)
  local texts = {}
  for i, value in ipairs(values) do
    texts[i] = "`" .. (type(value) == "number" and number(value) or tostring(value)) .. "`"
  end
  return table.concat(texts, ", ")
end

--- The values or the range that a rule allows; "" if there is nothing to say.
---@param rule novita.Rule
---@return string
function rule_text.allowed(rule)
  local parts = {}
  if rule.values then
    parts[1] = rule_text.listed(rule.values) .. (rule.open and " (others with a warning)" or "")
  elseif rule.type ~= "string" or rule.max then
    parts[1] = range(rule)
  end
  if parts[1] == "" then
    parts[1] = nil
  end
  if rule.soft_max then
    parts[#parts + 1] = ("above %d with a warning"):format(rule.soft_max)
  end
  return table.concat(parts, "; ")
end

return rule_text
