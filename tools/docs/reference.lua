-- Writes docs/training.md from the definitions that requests are checked with.
--   lua5.4 tools/docs/reference.lua          writes
--   lua5.4 tools/docs/reference.lua --check  exit status 1 when the page is not up to date

package.path = "lua/?.lua;lua/?/init.lua;" .. package.path

local PAGE <const> = "docs/training.md"

local lines = {}

local function add(text, ...)
  lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

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

local function listed(values)
  local texts = {}
  for i, value in ipairs(values) do
    texts[i] = "`" .. (type(value) == "number" and number(value) or tostring(value)) .. "`"
  end
  return table.concat(texts, ", ")
end

local function allowed(rule)
  local parts = {}
  if rule.values then
    parts[1] = listed(rule.values) .. (rule.open and " (others with a warning)" or "")
  elseif rule.type ~= "string" or rule.max then
    parts[1] = range(rule)
  end
  if rule.soft_max then
    parts[#parts + 1] = ("above %d with a warning"):format(rule.soft_max)
  end
  return table.concat(parts, "; ")
end

local function row(path, rule)
  local name = "`" .. path .. "`" .. (rule.required and " *" or "")
  local default = rule.default ~= nil and "`" .. tostring(rule.default) .. "`" or ""
  add("| %s | %s | %s | %s | %s |", name, rule.type or "", allowed(rule), default, rule.doc or "")
end

local function fields(rule, prefix)
  for _, field in ipairs(rule.fields or {}) do
    local path = prefix .. field.name
    row(path, field)
    if field.type == "object" then
      fields(field, path .. ".")
    elseif field.items and field.items.fields then
      fields(field.items, path .. "[].")
    end
  end
end

local function add_shorthands(rules)
  add "| name | what it is | stands for |"
  add "| --- | --- | --- |"
  for _, rule in ipairs(rules) do
    local for_ = rule.expands and listed(rule.expands) or ""
    add("| `%s`%s | %s | %s |", rule.name, rule.required and " *" or "", rule.doc, for_)
  end
  add ""
end

local function definition(title, name)
  local rule = require(name)
  add("### %s", title)
  add ""
  if rule.page then
    add("API page: \"%s\". A star marks what is required.", rule.page)
    add ""
  end
  add "| field | type | allowed | default | meaning |"
  add "| --- | --- | --- | --- | --- |"
  fields(rule, "")
  add ""
end

add "# Trainings and images, field by field"
add ""
add "Made by `lua5.4 tools/docs/reference.lua` from the tables that requests are checked with."
add ""
add "## `client:train`"
add ""
add "The params are the API's own fields, those of `expert_setting` without that table around them,"
add "and these shorthands:"
add ""
add_shorthands(require "novita.fields.training_shorthands")
add "`prepare` holds options for the photos (see novita.image); by default each is cropped to the"
add "training's size, centred, and sent as JPEG. With `prepare = false` they go as they are."
add ""
definition("A subject", "novita.fields.subject_training")
definition("A style", "novita.fields.style_training")
add "## `client:generate`"
add ""
add "The params are the fields of `request` and `extra`, without these tables around them. The"
add "`model_name` of a LoRA or an embedding may be a trained model; the default strength is 1."
add "The shorthands:"
add ""
add_shorthands(require "novita.fields.txt2img_shorthands")
definition("request", "novita.fields.txt2img")
definition("extra", "novita.fields.generation_extra")
add "### With an image"
add ""
add_shorthands(require "novita.fields.img2img_shorthands")
definition("request", "novita.fields.img2img")

local page = table.concat(lines, "\n")
if arg[1] == "--check" then
  local file = assert(io.open(PAGE))
  local same = file:read "a" == page
  file:close()
  if not same then
    io.stderr:write(PAGE, " is not up to date: run lua5.4 tools/docs/reference.lua\n")
  end
  os.exit(same)
end
local file = assert(io.open(PAGE, "w"))
file:write(page)
file:close()
