-- Writes lua/novita/fields/meta.lua, the LuaCATS classes of the tables that a script gives to the
-- calls of the service, from the definitions that these tables are checked with.
--   lua5.4 tools/docs/classes.lua          writes
--   lua5.4 tools/docs/classes.lua --check  exit status 1 when the file is not up to date

package.path = "tools/docs/?.lua;lua/?.lua;lua/?/init.lua;" .. package.path

local class_names = require "class_names"
local generated = require "generated"
local rule_text = require "rule_text"

local FILE <const> = "lua/novita/fields/meta.lua"
local COLUMNS <const> = 100

local lines = {}

local function add(text)
  lines[#lines + 1] = text
end

-- {====== a field ======

-- Adds a text as comment lines.
local function add_text(text)
  local line = "---"
  for word in text:gmatch "%S+" do
    if #line + 1 + #word > COLUMNS then
      add(line)
      line = "---"
    end
    line = line .. " " .. word
  end
  add(line)
end

local scalars = {
  string = "string",
  bytes = "string",
  integer = "integer",
  number = "number",
  boolean = "boolean",
  table = "table",
  ["function"] = "function",
  any = "any",
}

-- LuaCATS has literals of strings and integers.
local function of_values(rule)
  local texts = rule.open and { scalars[rule.type] } or {}
  for _, value in ipairs(rule.values) do
    if math.type(value) == "float" then
      return scalars[rule.type]
    end
    texts[#texts + 1] = type(value) == "string" and ("%q"):format(value) or tostring(value)
  end
  return table.concat(texts, "|")
end

-- `body`: the kind of body that the field is in; nil for params.
local function class_of(rule, body)
  local name = assert(class_names.nested[rule.name], rule.name .. " has no class")
  if body and class_names.of_kind[rule.name] then
    return "novita.body." .. body .. name
  end
  return (body and class_names.of_body[rule.name] and "novita.body." or "novita.") .. name
end

local function type_of(rule, body)
  if rule.annotation then
    return rule.annotation
  elseif rule.type == "object" then
    return class_of(rule, body)
  elseif rule.type == "list" and rule.items.fields then
    return class_of(rule, body) .. "[]"
  elseif rule.type == "list" then
    return scalars[rule.items.type] .. "[]"
  elseif class_names.aliases[rule.name] then
    return "novita." .. class_names.aliases[rule.name]
  end
  return rule.values and of_values(rule) or scalars[rule.type]
end

local function allowed_by(rule)
  if rule.open and rule.type == "string" then
    return "others with a warning"
  end
  return rule.values and not rule.open and "" or rule_text.allowed(rule)
end

local function sentences(rule, default, page)
  local texts = { rule.doc }
  local allowed = allowed_by(rule)
  if allowed ~= "" then
    texts[#texts + 1] = ("Allowed: %s."):format(allowed)
  end
  if default ~= nil then
    texts[#texts + 1] = ("Default: %s."):format(tostring(default))
  end
  if rule.expands then
    texts[#texts + 1] = ("Stands for %s."):format(rule_text.listed(rule.expands))
  end
  if rule.page and rule.page ~= page then
    texts[#texts + 1] = ("API page: %q."):format(rule.page)
  end
  return table.concat(texts, " ")
end

-- `class`: name, body, page, optional (names of fields that something else can replace).
local function add_field(class, rule)
  local more = class_names.wider[class.name .. "." .. rule.name] or {}
  local default = nil
  if not class.body then -- a body is sent as it is
    default = more.default or rule.default
  end
  local optional = not rule.required or default ~= nil or class.optional[rule.name]
  add_text(sentences(rule, default, class.page))
  add(("---@field %s%s %s"):format(rule.name, optional and "?" or "",
    more.type or type_of(rule, class.body)))
end

-- }======

-- {====== classes ======

local seen = {} -- the text of each class, by name

-- Adds the lines that `fn` adds, unless they are there already.
local function once(name, fn, ...)
  local from = #lines + 1
  fn(...)
  local text = table.concat(lines, "\n", from)
  if seen[name] then
    assert(seen[name] == text, name .. " has two definitions")
    for i = #lines, from, -1 do
      lines[i] = nil
    end
  end
  seen[name] = text
end

local add_class

local function add_alias(rule)
  add("---@alias novita." .. class_names.aliases[rule.name])
  for _, value in ipairs(rule.values) do
    add(("---| %q"):format(value))
  end
  if rule.open then
    add "---| string"
  end
  add ""
end

-- The classes and aliases that the fields of a class name.
local function add_nested(class, fields)
  for _, rule in ipairs(fields) do
    local inner = rule.fields and rule or rule.items and rule.items.fields and rule.items
    local written = rule.annotation or class_names.wider[class.name .. "." .. rule.name]
    if inner and not written then
      local name = class_of(rule, class.body)
      add_class({ name = name, body = class.body, page = rule.page, text = rule.doc,
        shorthands = class_names.also[name] }, { inner.fields })
    elseif rule.values and class_names.aliases[rule.name] then
      once(class_names.aliases[rule.name], add_alias, rule)
    end
  end
end

local function add_lines(class, fields)
  add_text(class.text .. (class.page and (" API page: %q."):format(class.page) or ""))
  add("---@class " .. class.name)
  for _, rule in ipairs(fields) do
    add_field(class, rule)
  end
  add ""
end

-- `class`: name, text, page, shorthands, optional, body.
function add_class(class, groups)
  class.optional = class.optional or {}
  local fields = {}
  for _, group in ipairs { class.shorthands or {}, table.unpack(groups) } do
    table.move(group, 1, #group, #fields + 1, fields)
  end
  for _, rule in ipairs(class.shorthands or {}) do
    for _, name in ipairs(rule.expands or {}) do
      class.optional[name] = true
    end
  end
  add_nested(class, fields)
  once(class.name, add_lines, class, fields)
end

-- The fields without the table that the body has around some of them.
local function flat(definition, wrapper)
  local outer, inner = {}, {}
  for _, rule in ipairs(definition.fields) do
    if rule.name == wrapper then
      inner = rule.fields
    else
      outer[#outer + 1] = rule
    end
  end
  return outer, inner
end

local function set(...)
  local names = {}
  for _, name in ipairs { ... } do
    names[name] = true
  end
  return names
end

-- `only`: the task type.
local function training_shorthands(only)
  local rules = {}
  for i, rule in ipairs(require "novita.fields.training_shorthands") do
    rules[i] = rule
    if rule.name == "task_type" then
      rules[i] = setmetatable({ values = { only } }, { __index = rule })
    end
  end
  return rules
end

local function add_training(name, task_type)
  local definition = require(("novita.fields.%s_training"):format(task_type))
  local body, expert = flat(definition, "expert_setting")
  add_class({
    name = "novita." .. name .. "Params",
    text = ("The params of `client:train` for a %s."):format(task_type),
    page = definition.page,
    shorthands = training_shorthands(task_type),
    optional = set("image_dataset_items", "instance_prompt"), -- images, preset
  }, { require "novita.fields.training_options", body, expert })
  add_class({
    name = "novita.body." .. name .. "Training",
    text = ("The body of a %s training, for `client.trainings:create`."):format(task_type),
    page = definition.page,
    body = name,
  }, { definition.fields })
end

local function add_generation(name, rule, text)
  local extra = require "novita.fields.generation_extra"
  local shorthands = require("novita.fields." .. name:lower() .. "_shorthands")
  add_class({ name = "novita." .. name .. "Params", text = text, page = rule.page,
    shorthands = shorthands }, { rule.fields, extra.fields })
  add_class({
    name = "novita.body." .. name,
    text = ("The body of `client.images:%s`."):format(name:lower()),
    page = rule.page,
    body = name,
  }, { { extra, { name = "request", type = "object", required = true, fields = rule.fields,
    doc = "The images to generate." } } })
end

local function add_table(name, rule, text)
  add_class({ name = "novita." .. name, text = text, page = rule.page }, { rule.fields })
end

-- }======

add "---@meta novita.fields"
add_text("Generated by `lua5.4 tools/docs/classes.lua` from lua/novita/fields: the tables that a "
  .. "script gives to the calls of the service, for editors. Nothing requires this file.")
add ""
add_table("Photo", require "novita.fields.image_item",
  "A photo of a training: exactly one of path, bytes and assets_id, and a caption.")
add_training("Subject", "subject")
add_training("Style", "style")
add "---@alias novita.TrainParams novita.SubjectParams|novita.StyleParams"
add ""
add_generation("Txt2img", require "novita.fields.txt2img",
  "The params of `client:generate` without an image.")
add_generation("Img2img", require "novita.fields.img2img",
  "The params of `client:generate` with an image.")
add "---@alias novita.GenerateParams novita.Txt2imgParams|novita.Img2imgParams"
add ""
add_table("TrainingFilter", require "novita.fields.training_filter",
  "The filter of `client.trainings:list`.")
add_table("ModelFilter", require "novita.fields.model_filter",
  "The filter of `client.models:list`.")

lines[#lines] = nil -- the last class ends with an empty line
generated.settle(FILE, table.concat(lines, "\n") .. "\n", "tools/docs/classes.lua")
