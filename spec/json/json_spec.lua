local cjson = require "cjson"
local encoder = require "novita.json.encode"
local json = require "novita.json"

describe("json.encode", function()
  local numbers = {
    { 1e-4, "0.0001" },
    { 2e-4, "0.0002" },
    { 1e-5, "0.00001" },
    { 1e-6, "0.000001" },
    { 0.1 + 0.2, "0.30000000000000004" },
    { 512, "512" },
    { 512.0, "512" },
    { -1, "-1" },
    { 7.5, "7.5" },
    { 9007199254740993, "9007199254740993" },
    { math.maxinteger, "9223372036854775807" },
    { 1e300, "1e+300" },
    { 3e-10, "3e-10" },
  }
  for _, case in ipairs(numbers) do
    it("writes " .. case[2], function()
      assert.equal('{"x":' .. case[2] .. "}", json.encode { x = case[1] })
    end)
  end

  it("writes numbers that read back as the same number", function()
    local seed = 88172645463325252
    for _ = 1, 2000 do
      seed = seed ~ (seed << 13)
      seed = seed ~ (seed >> 7)
      seed = seed ~ (seed << 17)
      local value = (seed % 1000003) / 7 * 10.0 ^ (seed % 30 - 15)
      assert.equal(value, tonumber(json.encode(value)))
    end
  end)

  it("writes numbers with a point in a locale with a comma", function()
    local folder = os.tmpname()
    os.remove(folder)
    local made = ("mkdir %s && localedef -i de_DE -f UTF-8 %s/de_DE.UTF-8 2>/dev/null"):format(
      folder,
      folder
    )
    if not os.execute(made) then
      os.execute("rm -rf " .. folder)
      return pending "the locale de_DE cannot be made (Debian package locales)"
    end
    local source = package.searchpath("novita.json.decimal", package.path)
    local program = ([[
      assert(os.setlocale("de_DE.UTF-8"))
      local decimal = dofile "%s"
      print(("%%.1f"):format(0.5), decimal(1e-4), decimal(0.1 + 0.2), decimal(3e-10))
    ]]):format(source)
    local pipe = io.popen(("LOCPATH=%s lua5.4 -e '%s' 2>&1"):format(folder, program))
    local printed = pipe:read "a"
    pipe:close()
    os.execute("rm -rf " .. folder)
    assert.equal("0,5\t0.0001\t0.30000000000000004\t3e-10\n", printed)
  end)

  it("leaves out empty tables and what holds nothing else", function()
    assert.equal('{"a":1}', json.encode { a = 1, loras = {}, extra = { storage = {} } })
    assert.equal("{}", json.encode {})
  end)

  it("keeps the places of a list", function()
    assert.equal('[1,{},"x"]', json.encode { 1, {}, "x" })
  end)

  it("escapes what must be escaped and nothing else", function()
    assert.equal(
      [["a\"b\\c\n\u0000\u001f\u007f/ü😀"]],
      json.encode 'a"b\\c\n\0\31\127/ü😀'
    )
    assert.equal([["\b\f\r\t\u000b\u0001~\"]] .. '"', json.encode '\b\f\r\t\v\1~"')
  end)

  it("writes keys in the definition's order, the others sorted", function()
    local definition = {
      fields = {
        { name = "z", fields = { { name = "y" }, { name = "b" } } },
        { name = "list", items = { fields = { { name = "q" }, { name = "p" } } } },
      },
    }
    assert.equal(
      '{"z":{"y":1,"b":2},"list":[{"q":1,"p":2}],"a":3,"c":4}',
      json.encode({
        c = 4,
        a = 3,
        list = { { p = 2, q = 1 } },
        z = { b = 2, y = 1 },
      }, { order = definition })
    )
  end)

  it("writes what a policy asks for", function()
    local policy = { keep_empty = true, digits = 3, not_finite = "null",
      valid = function(text) return (text:gsub("\xFF", "?")) end }
    assert.equal('{"a":"?","b":[],"c":{},"d":0.333,"e":null,"f":3}', json.encode({ a = "\xFF",
      b = encoder.list {}, c = {}, d = 1 / 3, e = 0 / 0, f = 3.0 }, policy))
    assert.equal('{"z":1,"a":[]}', json.encode(encoder.object("z", 1, "y", nil, "a", {}),
      { keep_empty = true, unmarked = "list" }))
    assert.equal("[null]", json.encode({ cjson.null }, { null = true }))
    assert.is_false(pcall(json.encode, { cjson.null }))
  end)

  it("refuses what JSON has no word for", function()
    local function message(value)
      return select(2, pcall(json.encode, { x = value }))
    end
    for _, value in ipairs { 0 / 0, math.huge, -math.huge } do
      assert.equal("json: a number that is not finite", message(value))
    end
    assert.equal("json: a function", message(print))
    assert.equal("json: a table with keys of several kinds", message { [{}] = 1 })
    assert.equal("json: a table with keys of several kinds", message { [3] = 1 })
  end)

  it("writes what is nested as deep as the limit", function()
    local function nested(depth)
      local value = { 1 }
      for _ = 2, depth do
        value = { value }
      end
      return value
    end
    assert.equal(("["):rep(64) .. "1" .. ("]"):rep(64), json.encode(nested(64)))
    assert.is_false(pcall(json.encode, nested(65)))
  end)

  it("refuses a table that holds itself", function()
    local loop = { 1 }
    loop[2] = loop
    local ok, message = pcall(json.encode, loop)
    assert.is_false(ok)
    assert.equal("json: a table nested too deep", message)
  end)

  it("is read by cjson as it was written", function()
    local value = { a = { 1, 2.5, "x" }, b = { c = true, d = "\1\"" }, e = false }
    assert.same(value, cjson.decode(json.encode(value)))
  end)
end)

describe("json.decode", function()
  it("has no field where the text has null", function()
    assert.same({ b = { c = 1 } }, json.decode '{"a":null,"b":{"c":1,"d":null}}')
  end)

  it("closes lists up over null", function()
    assert.same(
      { list = { 1, { x = 2 }, 3 } },
      json.decode '{"list":[null,1,null,{"x":2,"y":null},3,null]}'
    )
    assert.same({}, json.decode "[null,null]")
  end)

  it("keeps the word null inside texts", function()
    assert.same({ a = "null", b = "x null" }, json.decode '{"a":"null","b":"x null","c":null}')
  end)

  it("keeps identifiers that are text", function()
    local id = "34558688e2f42a0137ca2d5274a8cf43"
    assert.equal(id, json.decode('{"assets_id":"' .. id .. '"}').assets_id)
  end)

  local invalid = {
    ["an empty text"] = "",
    ["a cut text"] = '{"task_id":"d66',
    ["HTML"] = "<html>502 Bad Gateway</html>",
    ["nan"] = '{"a":nan}',
    ["infinity"] = '{"a":-Infinity}',
    ["a hexadecimal number"] = '{"a":0x10}',
    ["something after the value"] = "{} {}",
    ["nesting without end"] = ("["):rep(100000),
    ["nesting over the limit"] = ("["):rep(65) .. ("]"):rep(65),
  }
  for what, text in pairs(invalid) do
    it("gives nil and a message for " .. what, function()
      local value, message = json.decode(text)
      assert.is_nil(value)
      assert.truthy(message:find "^invalid JSON: ")
      assert.falsy(message:find "\n")
    end)
  end

  it("reads what is nested as deep as the limit", function()
    assert.is_table(json.decode(("["):rep(64) .. ("]"):rep(64)))
  end)

  it("gives nil and a message for the word null alone", function()
    local value, message = json.decode " null "
    assert.is_nil(value)
    assert.equal("the JSON text is null", message)
  end)

  it("leaves the host's cjson as it was", function()
    assert.equal(cjson.null, cjson.decode("[null]")[1])
    assert.is_table(cjson.decode(("["):rep(500) .. ("]"):rep(500)))
  end)

  it("does not change with the host's cjson", function()
    local before = cjson.decode_max_depth()
    cjson.decode_max_depth(1)
    local value = json.decode "[[1]]"
    cjson.decode_max_depth(before)
    assert.same({ { 1 } }, value)
  end)
end)

describe("json.id", function()
  local ids = {
    { "34558688e2f4", "34558688e2f4" },
    { "100024", "100024" },
    { 100024, "100024" },
    { 1.00024e5, "100024" },
    { 2.0 ^ 53 - 1, "9007199254740991" },
    { 9007199254740993, "9007199254740993" },
  }
  for _, case in ipairs(ids) do
    it("gives " .. case[2] .. " for a " .. (math.type(case[1]) or "string"), function()
      assert.equal(case[2], json.id(case[1]))
    end)
  end

  it("gives nil for what is no identifier or cannot be exact", function()
    for _, value in ipairs { "", 1.5, 2.0 ^ 53, 1e300, 0 / 0, math.huge, true, {} } do
      assert.is_nil(json.id(value))
    end
    assert.is_nil(json.id(nil))
  end)

  it("reads an integer id from an answer without float formatting", function()
    assert.equal("100024", json.id(json.decode('{"assets_id":100024}').assets_id))
    assert.equal("1000000000000000", json.id(json.decode("[1000000000000000]")[1]))
  end)
end)

describe("json.integer and json.number", function()
  it("read numbers and texts of numbers", function()
    assert.equal("integer", math.type(json.integer(3600.0)))
    assert.equal(3600, json.integer "3600")
    assert.equal(-1, json.integer "-1")
    assert.equal(3923054732, json.integer "3923054732")
    assert.equal(12.5, json.number "12.5")
    assert.equal(0.0001, json.number "1e-4")
    assert.equal(12.5, json.number(12.5))
  end)

  it("give nil for everything else", function()
    for _, value in ipairs { "", "x", "0x10", "1 ", "inf", "nan", true, {}, 0 / 0, math.huge } do
      assert.is_nil(json.number(value))
      assert.is_nil(json.integer(value))
    end
    assert.is_nil(json.integer(1.5))
    assert.is_nil(json.integer "1.5")
    assert.is_nil(json.integer(1e300))
    assert.is_nil(json.integer(nil))
  end)
end)
