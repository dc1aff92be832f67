--- Params of a training that are written as text: cells of a CSV plan, `--set` of the command line.

local shorthands = require "novita.fields.training_shorthands"

-- The fields whose values are texts: a caption may be 2024, and a name may be true.
local is_text = {}

local function takes_text(rule)
  local annotation = rule.annotation or ""
  return rule.type == "string" or annotation:find "string" or annotation:find "CropChoice"
end

local function note(rules)
  for _, rule in ipairs(rules) do
    if takes_text(rule) then
      is_text[rule.name] = true
    end
    note(rule.fields or {})
  end
end

note(shorthands)
note(require("novita.fields.subject_training").fields)
note(require("novita.fields.style_training").fields)

local words = { ["true"] = true, ["false"] = false }

--- The value that a text stands for: a text for a field that takes texts; elsewhere, what looks
--- like a number or a boolean becomes one.
---@param name string of the field
---@param text string
---@return string|number|boolean
local function text_value(name, text)
  if is_text[name] then
    return text
  elseif words[text] ~= nil then
    return words[text]
  end
  local number = text:find "^%-?[%d.]" and tonumber(text)
  return math.tointeger(number) or number or text
end

return text_value
