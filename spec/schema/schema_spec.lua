local refusal = require "support.refusal"
local schema = require "novita.schema.schema"

local function rule_of(fields)
  return { type = "object", noun = "a test", fields = fields }
end

-- Checks { x = value } against one rule.
local function check(rule, value)
  rule.name = "x"
  local copy, warnings = schema.check(rule_of { rule }, { x = value })
  return copy.x, warnings
end

local function refused(rule, value)
  rule.name = "x"
  return refusal(schema.check, rule_of { rule }, { x = value })
end

describe("schema, integers", function()
  local rule = { type = "integer", min = 1, max = 4 }

  it("accepts both ends and makes them integers", function()
    assert.equal(1, check(rule, 1))
    assert.equal("integer", math.type((check(rule, 4.0))))
  end)

  local cases = {
    { 0, "0" },
    { 5, "5" },
    { 2.5, "2.5" },
    { "2", '"2"' },
    { true, "true" },
    { 0 / 0, "nan" },
    { math.huge, "inf" },
    { -math.huge, "-inf" },
    { {}, "a table" },
    { print, "a function" },
  }
  for _, case in ipairs(cases) do
    it("refuses " .. case[2], function()
      local message = "x must be an integer from 1 to 4, got " .. case[2]
      assert.equal(message, refused(rule, case[1]))
    end)
  end

  it("describes ranges with one end and none", function()
    assert.equal("x must be an integer >= 1, got 0", refused({ type = "integer", min = 1 }, 0))
    assert.equal("x must be an integer <= 8, got 9", refused({ type = "integer", max = 8 }, 9))
    assert.equal("x must be an integer, got 0.5", refused({ type = "integer" }, 0.5))
  end)

  it("keeps every digit of a large integer", function()
    assert.equal(math.maxinteger, check({ type = "integer" }, math.maxinteger))
    assert.equal("x must be an integer, got 1e+300", refused({ type = "integer" }, 1e300))
  end)

  it("warns above a soft limit", function()
    local value, warnings = check({ type = "integer", min = 1, soft_max = 8 }, 9)
    assert.equal(9, value)
    assert.same({ "x is 9: the API documents at most 8" }, warnings)
    assert.same({}, select(2, check({ type = "integer", soft_max = 8 }, 8)))
  end)
end)

describe("schema, numbers", function()
  local rule = { type = "number", above = 0, max = 1 }

  it("accepts what is above the open end, up to the other", function()
    assert.equal(1e-9, check(rule, 1e-9))
    assert.equal(1, check(rule, 1))
  end)

  it("refuses the open end, booleans, texts, nan and infinity", function()
    assert.equal("x must be a number > 0, got 0", refused({ type = "number", above = 0 }, 0))
    for _, value in ipairs { true, "1", 0 / 0, math.huge, -math.huge } do
      assert.truthy(refused({ type = "number" }, value):find "^x must be a number, got ")
    end
  end)

  it("warns about a value outside an open list", function()
    local value, warnings = check({ type = "number", values = { 1e-4, 2e-4 }, open = true }, 3e-4)
    assert.equal(3e-4, value)
    assert.same({ "x is 0.0003: not among the 2 values that the API documents" }, warnings)
  end)
end)

describe("schema, texts", function()
  local rule = { type = "string", noun = "a caption", min = 1, max = 4 }

  it("counts characters, not bytes", function()
    assert.equal("äöü😀", check(rule, "äöü😀"))
    assert.equal("x must be a string of 1 to 4 characters, got 5 characters",
      refused(rule, "äöü😀!"))
  end)

  it("refuses an empty text and what is no text", function()
    assert.equal('x must be a string of 1 to 4 characters, got ""', refused(rule, ""))
    assert.equal("x must be a string of 1 to 4 characters, got 5", refused(rule, 5))
    assert.equal(
      "x must be a non-empty string, got true",
      refused({ type = "string", min = 1 }, true)
    )
  end)

  for what, text in pairs {
    ["a lone byte"] = "ab\xFF",
    ["a cut character"] = "ab\xC3",
    ["a surrogate"] = "ab\xED\xA0\x80",
    ["an overlong form"] = "ab\xC0\xAF",
    ["a code point above the last"] = "ab\xF4\x90\x80\x80",
  } do
    it("refuses " .. what, function()
      assert.equal(
        ("x must be a string of 1 to 4 characters, got invalid UTF-8 (byte 3 of %d)"):format(#text),
        refused(rule, text)
      )
    end)
  end

  it("refuses a value outside a closed list and finds the one that was meant", function()
    local list = { type = "string", values = { "constant", "linear" } }
    assert.equal(
      'x must be "constant" or "linear", got "linaer" (did you mean "linear"?)',
      refused(list, "linaer")
    )
    assert.equal('x must be "constant" or "linear", got "?"', refused(list, "?"))
    assert.equal(
      'x must be "person", got "dog"',
      refused({ type = "string", values = { "person" } }, "dog")
    )
  end)

  it("writes a number as text only where the rule says so", function()
    assert.equal("512", check({ type = "string", numbers = true }, 512.0))
    assert.equal("1.4", check({ type = "string", numbers = true }, 1.4))
    assert.equal("x must be a string, got 512", refused({ type = "string" }, 512))
    assert.truthy(refused({ type = "string", numbers = true }, 0 / 0))
  end)

  it("shows a wrong value short, on one line and printable", function()
    local list = { type = "string", values = { "a" } }
    assert.equal([[x must be "a", got "a\n\"b\x1B"]], refused(list, 'a\n"b\27'))
    local whole = ("ü"):rep(60)
    assert.equal('x must be "a", got "' .. whole .. '"', refused(list, whole))
    local shown = refused(list, ("ü"):rep(500))
    assert.equal('x must be "a", got "' .. ("ü"):rep(60) .. '..."', shown)
  end)
end)

describe("schema, bytes", function()
  it("accepts any bytes but none", function()
    assert.equal("\0\xFF", check({ type = "bytes" }, "\0\xFF"))
    assert.equal(
      'x must be a non-empty string, got ""',
      refused({ type = "bytes" }, "")
    )
  end)
end)

describe("schema, booleans", function()
  it("accepts true and false only", function()
    assert.is_true(check({ type = "boolean" }, true))
    assert.is_false(check({ type = "boolean" }, false))
    for _, value in ipairs { 0, 1, "true", {} } do
      assert.truthy(refused({ type = "boolean" }, value):find "^x must be true or false, got ")
    end
  end)
end)

describe("schema, lists", function()
  local rule = { type = "list", min = 1, max = 3, items = { type = "integer", min = 0 } }

  it("names the entry that is wrong", function()
    assert.equal("x[2] must be an integer >= 0, got -1", refused(rule, { 1, -1 }))
  end)

  it("refuses too few and too many entries", function()
    assert.equal("x must be a list of 1 to 3 entries, got 0 entries", refused(rule, {}))
    local four = { 1, 2, 3, 4 }
    assert.equal("x must be a list of 1 to 3 entries, got 4 entries", refused(rule, four))
  end)

  it("refuses holes, names and what is no table", function()
    local wanted = "x must be a list of 1 to 3 entries, got a table with keys other than 1 to n"
    assert.equal(wanted, refused(rule, { 1, nil, 3 }))
    assert.equal(wanted, refused(rule, { 1, name = 2 }))
    assert.equal(wanted, refused(rule, { [0] = 1 }))
    assert.equal('x must be a list of 1 to 3 entries, got "a"', refused(rule, "a"))
  end)

  it("warns above a soft limit", function()
    local soft = { type = "list", soft_max = 1, items = { type = "integer" } }
    local _, warnings = check(soft, { 1, 2 })
    assert.same({ "x has 2 entries: the API documents at most 1" }, warnings)
  end)
end)

describe("schema, objects", function()
  local definition = rule_of {
    { name = "width", type = "integer", required = true, min = 1 },
    { name = "steps", type = "integer", required = true, min = 1, default = 20 },
    { name = "note", type = "string", undocumented = true },
    {
      name = "expert",
      type = "object",
      noun = "the expert settings",
      fields = { { name = "seed", type = "integer", min = 1 } },
    },
    {
      name = "list",
      type = "list",
      items = { type = "object", fields = { { name = "a", type = "string" } } },
    },
  }

  it("fills in defaults and nothing else", function()
    assert.same({ width = 8, steps = 20 }, (schema.check(definition, { width = 8 })))
  end)

  it("refuses a missing field", function()
    assert.equal(
      "width is missing: it must be an integer >= 1",
      refusal(schema.check, definition, {})
    )
  end)

  it("refuses an unknown name and finds the one that was meant", function()
    assert.equal(
      "widht is not a field of a test: did you mean width?",
      refusal(schema.check, definition, { width = 1, widht = 2 })
    )
    assert.equal(
      "expert.sead is not a field of the expert settings: did you mean expert.seed?",
      refusal(schema.check, definition, { width = 1, expert = { sead = 2 } })
    )
    assert.equal(
      "zzz is not a field of a test: the fields are width, steps, note, expert, list",
      refusal(schema.check, definition, { width = 1, zzz = 2 })
    )
    assert.equal(
      "list[1].b is not a field: did you mean list[1].a?",
      refusal(schema.check, definition, { width = 1, list = { { b = 1 } } })
    )
  end)

  it("refuses keys that are no names", function()
    assert.equal("a test must have string keys, got the key 1",
      refusal(schema.check, definition, { "x", width = 1 }))
    assert.equal(
      "expert must have string keys, got the key 1",
      refusal(schema.check, definition, { width = 1, expert = { 5 } })
    )
    assert.equal(
      [["a\nb" is not a field of a test: the fields are width, steps, note, expert, list]],
      refusal(schema.check, definition, { width = 1, ["a\nb"] = 1 })
    )
  end)

  it("names the path of a nested field", function()
    assert.equal(
      "expert.seed must be an integer >= 1, got 0",
      refusal(schema.check, definition, { width = 1, expert = { seed = 0 } })
    )
    assert.equal(
      "expert must be a table with the fields seed, got 1",
      refusal(schema.check, definition, { width = 1, expert = 1 })
    )
  end)

  it("refuses what is no table", function()
    assert.equal(
      "a test must be a table with the fields width, steps, note, expert, list, got 1",
      refusal(schema.check, definition, 1)
    )
    assert.truthy(refusal(schema.check, definition, nil):find ", got nil$")
  end)

  it("warns about an undocumented field", function()
    local _, warnings = schema.check(definition, { width = 1, note = "x" })
    assert.same(
      { "note is not documented for this request: the service may ignore it" },
      warnings
    )
  end)

  it("copies: the caller's tables are neither changed nor kept", function()
    local given = { width = 8.0, expert = { seed = 3.0 }, list = { { a = "x" } } }
    local copy = schema.check(definition, given)
    assert.same({ width = 8.0, expert = { seed = 3.0 }, list = { { a = "x" } } }, given)
    assert.equal("float", math.type(given.width))
    assert.is_nil(given.steps)
    given.expert.seed, given.list[1].a = 99, "y"
    assert.equal(3, copy.expert.seed)
    assert.equal("x", copy.list[1].a)
  end)

  it("lets required fields come later", function()
    assert.same({ steps = 20 }, (schema.check(definition, {}, { later = { width = true } })))
  end)

  it("names a field as the script wrote it", function()
    local options = { written = { width = "size", ["expert.seed"] = "seed" } }
    assert.equal(
      "size must be an integer >= 1, got 0",
      refusal(schema.check, definition, { width = 0 }, options)
    )
    assert.equal(
      "seed must be an integer >= 1, got 0",
      refusal(schema.check, definition, { width = 1, expert = { seed = 0 } }, options)
    )
  end)
end)

describe("schema.check and schema.test", function()
  local definition = rule_of { { name = "x", type = "integer" } }

  it("blame the line that is asked for", function()
    local function library(value)
      local copy = schema.check(definition, value, { level = 2 })
      return copy
    end
    local line = debug.getinfo(1, "l").currentline + 2
    local ok, message = pcall(function()
      local copy = library { x = "a" }
      return copy
    end)
    assert.is_false(ok)
    assert.truthy(message:find(("schema_spec.lua:%d: x must be "):format(line), 1, true))
  end)

  it("give a problem back where it came from the world", function()
    local copy, text = schema.test(definition, { x = 1.5 })
    assert.is_nil(copy)
    assert.equal("x must be an integer, got 1.5", text)
    assert.same({ x = 1 }, (schema.test(definition, { x = 1 })))
  end)

  it("let errors of others pass", function()
    local proxy = setmetatable({}, {
      __pairs = function()
        error "broken"
      end,
    })
    local ok, message = pcall(schema.test, definition, proxy)
    assert.is_false(ok)
    assert.truthy(message:find "broken")
  end)
end)
