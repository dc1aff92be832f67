-- `make lint` fails where it should: each case breaks a copy of the checkout in one place.

local Checkout = require "support.checkout"
local interpreter = require "support.interpreter"

local copy

setup(function() copy = Checkout.copy(true) end)
teardown(function() copy:remove() end)

local function contains(text, expected)
  assert.is_truthy(text:find(expected, 1, true), text)
end

-- Runs one lint while the given files exist; it must fail with the expected complaint.
local function finds(lint, files, expected)
  copy:with_files(files, function()
    local ok, output = copy:lua(("tools/lint/%s.lua build"):format(lint))
    assert.is_false(ok)
    contains(output, expected)
  end)
end

-- The same with C files, which are compiled first and forgotten afterwards.
local function finds_in_c(lint, files, expected)
  copy:with_files(files, function()
    for path in pairs(files) do
      local object = "build/" .. path:gsub("c$", "o")
      assert(copy:run(("cc -c -o %s %s"):format(object, path)))
    end
    local ok, output = copy:lua(("tools/lint/%s.lua build"):format(lint))
    assert.is_false(ok)
    contains(output, expected)
  end)
end

-- A C function that calls another one.
local function caller(name, called)
  return ("int %s (void);\nint %s (void);\nint %s (void) { return %s(); }\n")
    :format(called, name, name, called)
end

local function requiring(module) return ("return require %q\n"):format(module) end

describe("the check of layers", function()
  it("finds nothing in the tree as it is", function()
    local ok, output = copy:lua "tools/lint/layers.lua"
    assert.is_true(ok, output)
  end)

  it("finds a require that points up", function()
    finds("layers", { ["lua/novita/async/egg.lua"] = requiring "novita.client" },
      "async/egg.lua (async) requires novita.client (client)")
    finds("layers", { ["lua/novita/schema/egg.lua"] = "require('novita.batch')\n" },
      "schema/egg.lua (schema) requires novita.batch (batch)")
  end)

  it("finds a file without a room", function()
    assert(copy:run "mkdir lua/novita/attic")
    finds("layers", { ["lua/novita/attic/egg.lua"] = "" },
      "attic/egg.lua: the room attic is not in tools/lint/layers.lua")
  end)

  it("finds an include that points up", function()
    finds("layers", { ["csrc/base/egg.c"] = '#include "../event/loop.h"\n' },
      "csrc/base/egg.c (base) includes ../event/loop.h (event)")
    finds("layers", { ["csrc/base/egg.c"] = "#include <lua.h>\n" }, "only csrc/lua knows Lua")
  end)
end)

describe("the check of the locale", function()
  it("finds a call that depends on it, and nothing in the tree as it is", function()
    local ok, output = copy:lua "tools/lint/locale.lua"
    assert.is_true(ok, output)
    finds("locale", { ["lua/novita/base/egg.lua"] = "return (...):lower()\n" },
      "base/egg.lua:1: the result depends on the locale")
    finds("locale", { ["csrc/base/egg.c"] = "int e (int c) { return tolower(c); }\n" },
      "base/egg.c:1: the result depends on the locale")
  end)
end)

describe("the check of circles", function()
  it("finds one between C files", function()
    finds_in_c("circles", {
      ["csrc/base/egg.c"] = caller("novita_egg", "novita_hen"),
      ["csrc/base/hen.c"] = caller("novita_hen", "novita_egg"),
    }, "circle between files (calls): base/egg, base/hen")
  end)

  it("finds one between rooms of C files", function()
    finds_in_c("circles", {
      ["csrc/base/egg.c"] = caller("novita_egg", "novita_hen"),
      ["csrc/event/hen.c"] = caller("novita_hen", "novita_base_chick"),
      ["csrc/base/chick.c"] = caller("novita_base_chick", "abort"),
    }, "circle between rooms (calls): base, event")
  end)

  it("finds one between headers", function()
    finds("circles", {
      ["csrc/base/egg.h"] = '#include "hen.h"\n',
      ["csrc/base/hen.h"] = '#include "egg.h"\n',
    }, "circle between headers: base/egg.h, base/hen.h")
  end)

  it("finds one between Lua files", function()
    finds("circles", {
      ["lua/novita/json/egg.lua"] = requiring "novita.json.hen",
      ["lua/novita/json/hen.lua"] = requiring "novita.json.egg",
    }, "circle between files (requires): lua/novita/json/egg.lua, lua/novita/json/hen.lua")
  end)

  it("finds one between rooms of Lua files", function()
    finds("circles", {
      ["lua/novita/base/egg.lua"] = requiring "novita.json.hen",
      ["lua/novita/json/hen.lua"] = requiring "novita.base.chick",
      ["lua/novita/base/chick.lua"] = "",
    }, "circle between rooms (requires): lua/novita/base, lua/novita/json")
  end)

  it("names the arrows, and wants every source compiled", function()
    finds_in_c("circles", {
      ["csrc/base/egg.c"] = caller("novita_egg", "novita_hen"),
      ["csrc/base/hen.c"] = caller("novita_hen", "novita_egg"),
    }, "  base/egg -> base/hen (novita_hen)")
    finds("circles", { ["csrc/base/chicken.c"] = "" }, "run make first")
  end)
end)

describe("the check of exports", function()
  it("finds a file that exports another object's name", function()
    finds_in_c("exports", { ["csrc/base/egg.c"] = caller("novita_hen", "abort") },
      "csrc/base/egg.c exports novita_hen, which is not named for this file")
  end)
end)

describe("the check of folders", function()
  it("finds a folder of more than 40 files, and counts no data", function()
    assert(copy:run "mkdir spec/many")
    local files = {}
    for i = 1, 41 do files[("spec/many/%d.lua"):format(i)] = "" end
    finds("folders", files, "spec/many: 41 files, the limit is 40")
    files["spec/many/41.lua"] = nil
    for i = 1, 41 do files[("spec/fixtures/egg%d.jpg"):format(i)] = "x" end
    copy:with_files(files, function()
      local ok, output = copy:lua "tools/lint/folders.lua"
      assert.is_true(ok, output)
    end)
  end)
end)

describe("the check of lines", function()
  local function finds_line(path, text, expected)
    finds("lines", { [path] = text }, ("%s%s"):format(path, expected))
  end

  it("finds a line too long", function()
    finds_line("csrc/base/egg.c", ("x"):rep(81) .. "\n", ":1: 81 columns, the limit is 80")
    finds_line("lua/novita/egg.lua", "\n" .. ("é"):rep(101) .. "\n",
      ":2: 101 columns, the limit is 100")
    finds_line("lua/novita/egg.lua", "---@" .. ("x"):rep(127) .. "\n",
      ":1: 131 columns, the limit is 130")
  end)

  it("finds tabs, trailing blanks and a missing last newline", function()
    finds_line("egg.md", "a\tb\n", ":1: a tab")
    finds_line("egg.md", "\na \n", ":2: trailing blanks")
    finds_line("egg.md", "a", ": no newline at the end")
  end)
end)

describe("the check of generated files", function()
  local function finds_stale(path, change, expected)
    copy:with_files({ [path] = change(copy:read(path)) }, function()
      local ok, output = copy:run("BUILD=build LUA=" .. interpreter .. " tools/generate --check")
      assert.is_false(ok)
      contains(output, expected)
    end)
  end

  it("finds each page that is not what its generator writes", function()
    local function appended(text) return text .. "more\n" end
    for _, path in ipairs { "docs/training.md", "docs/api/client.md", "docs/novita.1",
      "docs/coverage.md" } do
      finds_stale(path, appended, path)
    end
    finds_stale("rockspec/novita-core-scm-1.rockspec", function(text)
      return (text:gsub(' *%["novita.json"%][^\n]*\n', ""))
    end, "rockspec/novita-core-scm-1.rockspec")
  end)

  it("finds a table of faults without a call of the matrix", function()
    finds_stale("docs/faults.md", function(text) return (text:gsub("presign, ", "")) end,
      'has no row for "refused: presign"')
  end)
end)
