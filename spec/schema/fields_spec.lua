-- The definitions of fields are data that the checker and the reference docs both read: a slip
-- of the pen in a key ("minn") would switch a check off without a word.

local known_keys = {
  name = "string",
  type = "string",
  required = "boolean",
  expected = "boolean",
  default = "any",
  min = "number",
  max = "number",
  above = "number",
  soft_max = "number",
  values = "table",
  open = "boolean",
  numbers = "boolean",
  undocumented = "boolean",
  noun = "string",
  items = "table",
  fields = "table",
  unit = "string",
  doc = "string",
  page = "string",
  expands = "table",
  annotation = "string",
  aliases = "table",
  expects = "string",
}

local types = {
  string = true,
  bytes = true,
  integer = true,
  number = true,
  boolean = true,
  list = true,
  object = true,
}

local visit

local function check_keys(rule, path)
  for key, value in pairs(rule) do
    local wanted = known_keys[key]
    assert(wanted, path .. " has the unknown key " .. tostring(key))
    assert(wanted == "any" or type(value) == wanted, path .. "." .. key .. " has another type")
  end
end

local function check_inside(rule, path)
  assert(types[rule.type], path .. " has no type")
  assert((rule.type == "list") == (rule.items ~= nil), path .. ": lists have items")
  assert((rule.type == "object") == (rule.fields ~= nil), path .. ": objects have fields")
  assert(not rule.open or rule.values, path .. " is open, but has no values")
  if rule.items then
    check_keys(rule.items, path .. "[]")
    check_inside(rule.items, path .. "[]")
  end
  local seen = {}
  for _, field in ipairs(rule.fields or {}) do
    assert(not seen[field.name], path .. " has two fields " .. tostring(field.name))
    seen[field.name] = true
    visit(field, path .. "." .. tostring(field.name))
  end
end

function visit(field, path)
  check_keys(field, path)
  assert(field.name, path .. " has no name")
  assert(field.doc, path .. " has no doc")
  check_inside(field, path)
end

local bodies = {
  subject = require "novita.fields.subject_training",
  style = require "novita.fields.style_training",
  txt2img = require("novita.forms.txt2img_request").definition,
}

describe("field definitions", function()
  for name, definition in pairs(bodies) do
    it("of " .. name .. " are complete, each with type and doc", function()
      assert.is_string(definition.page)
      check_keys(definition, name)
      check_inside(definition, name)
    end)
  end

  local function names_in(rule, path, names)
    for _, field in ipairs(rule.fields or {}) do
      names[field.name], names[path .. field.name] = true, true
      names_in(field, field.name .. ".", names)
    end
    return names
  end

  local shorthands = { training_shorthands = bodies.subject, txt2img_shorthands = bodies.txt2img }
  for name, body in pairs(shorthands) do
    it("of the " .. name .. " have a doc each, and expand to fields that exist", function()
      local names = names_in(body, "", {})
      for _, rule in ipairs(require("novita.fields." .. name)) do
        check_keys(rule, name)
        assert.is_string(rule.doc, rule.name)
        for _, expanded in ipairs(rule.expands or {}) do
          assert.is_true(names[expanded], expanded)
        end
      end
    end)
  end

  it("have the fields of the API's tables", function()
    local function count(definition, name)
      for _, field in ipairs(definition.fields) do
        if field.name == name then
          return #field.fields
        end
      end
    end
    assert.equal(7, #bodies.subject.fields)
    assert.equal(15, count(bodies.subject, "expert_setting"))
    assert.equal(18, count(bodies.txt2img, "request"))
    assert.equal(6, count(bodies.txt2img, "extra"))
  end)
end)
