-- Writes docs/training.md from the definitions that requests are checked with.
--   lua5.4 tools/docs/reference.lua          writes
--   lua5.4 tools/docs/reference.lua --check  exit status 1 when the page is not up to date

package.path = "tools/docs/?.lua;lua/?.lua;lua/?/init.lua;" .. package.path

local generated = require "generated"
local rule_text = require "rule_text"

local PAGE <const> = "docs/training.md"

local lines = {}

local function add(text, ...)
  lines[#lines + 1] = select("#", ...) > 0 and text:format(...) or text
end

local function row(path, rule)
  local name = "`" .. path .. "`" .. (rule.required and " *" or "")
  local default = rule.default ~= nil and "`" .. tostring(rule.default) .. "`" or ""
  add("| %s | %s | %s | %s | %s |", name, rule.type or "", rule_text.allowed(rule), default,
    rule.doc or "")
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
    local for_ = rule.expands and rule_text.listed(rule.expands) or ""
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
add "These are for the library, and not sent:"
add ""
add_shorthands(require "novita.fields.training_options")
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

generated.settle(PAGE, table.concat(lines, "\n"), "tools/docs/reference.lua")
