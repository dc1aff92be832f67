-- `make docs-check` fails where it should: each case breaks a copy of the checkout in one place.

local Checkout = require "support.checkout"
local interpreter = require "support.interpreter"

local copy

-- Runs the check in the copy: whether it found nothing, and what it printed.
local function check(words)
  return copy:run(("env -u LUA_PATH -u LUA_CPATH BUILD=build %s tools/docs/check.lua %s")
    :format(interpreter, words))
end

-- Breaks a file while the check runs, which has to report it.
local function finds(words, path, pattern, replacement, expected)
  local broken, count = copy:read(path):gsub(pattern, replacement, 1)
  assert.equal(1, count, path .. " has changed: this spec breaks nothing")
  copy:with_files({ [path] = broken }, function()
    local ok, output = check(words)
    assert.is_false(ok)
    assert.is_truthy(output:find(expected, 1, true), output)
  end)
end

setup(function() copy = Checkout.copy() end)
teardown(function() copy:remove() end)

describe("the check of names", function()
  it("finds nothing wrong with the docs as they are", function()
    local ok, output = check "names links"
    assert.is_true(ok, output)
  end)

  it("finds a method without a word", function()
    finds("names", "lua/novita/client/init.lua", "\nreturn new",
      "\nfunction Client:dance() end\n%0",
      "client:dance is on no page")
    finds("names", "lua/novita/async/group.lua", "\nlocal group = {}",
      "\nfunction Group:shout() end\n%0", "group:shout is on no page")
  end)

  it("finds a function of a module without a word", function()
    finds("names", "lua/novita/image/init.lua", "\nreturn image",
      "\nfunction image.hum() end\n%0", "novita.image.hum is on no page")
  end)

  it("finds a field of novita that editors do not know, and one that does not exist", function()
    finds("names", "lua/novita/init.lua", "%-%-%-@field as_completed [^\n]*\n", "",
      "novita.as_completed is no field of the class")
    finds("names", "lua/novita/init.lua", "%-%-%-@field as_completed", "---@field nap string\n%0",
      "has a field nap")
  end)

  it("finds a function of C without a declaration, and a declaration of none", function()
    finds("names", "lua/novita/meta.lua", "\nfunction loop:wake%(%) end\n", "\n",
      "wake of the C class novita.core.loop has no declaration")
    finds("names", "lua/novita/meta.lua", "\nfunction core%.base64%(text%) end\n", "\n",
      "novita.core.base64 is on no page")
    finds("names", "lua/novita/meta.lua", "function loop:wake", "function loop:awake",
      "loop:awake is declared, and there is no such method")
  end)

  it("finds an option of a command without a word, and a command that the guide leaves out",
    function()
      finds("names", "lua/novita/cli/commands/prepare.lua", '"How to fit the photo to the size%."',
        '""', "novita prepare: --fit")
      finds("names", "docs/cli.md", "`doctor`", "doctor", "command doctor is not in docs/cli.md")
    end)

  it("finds an option of the emulator that the guide leaves out", function()
    finds("names", "docs/emulator.md", "`slots`", "slots", "does not name the option slots")
  end)
end)

describe("the check of links", function()
  it("finds a page, a heading and a name of a page that are not there", function()
    finds("links", "README.md", "$", "\n[x](docs/no%%20where.md)\n", "there is no docs/no")
    finds("links", "docs/cli.md", "$", "\n[x](errors.md#no-such-heading)\n",
      "there is no heading #no-such-heading in docs/errors.md")
    finds("links", "docs/cli.md", "$", "\n[x](#nor-this)\n", "there is no heading #nor-this")
  end)
end)

describe("the check of blocks", function()
  local fence <const> = "```"

  -- A page of one block.
  local function finds_in(block, expected)
    copy:with_files({ ["page.md"] = "# Page\n\n" .. block }, function()
      local ok, output = check "blocks page.md"
      assert.equal(expected == nil, ok, output)
      assert.is_truthy(output:find(expected or "", 1, true), output)
    end)
  end

  local function block(language, text)
    return ("%s%s\n%s\n%s\n"):format(fence, language, text, fence)
  end

  it("lets through what runs", function()
    finds_in("`client` is a client.\n" .. block("lua", "assert(require('novita').client {})")
      .. block("lua setup=client", "assert(client.base_url:find '^http://127')")
      .. block("sh", "novita version\nmake lint\nluarocks make rockspec/novita-scm-1.rockspec")
      .. block("console", "$ novita list --no-such-option\nerror: ...\n$ novita version\nnovita")
      .. block("text", "anything"), nil)
  end)

  it("finds Lua that raises, that is no Lua, that ends badly or takes what is not there", function()
    finds_in(block("lua", "\nerror 'never'"), "page.md:5: never")
    finds_in(block("lua", "local local"), "page.md:4")
    finds_in(block("lua", "os.exit(3)"), "it ends with status 3")
    finds_in(block("lua", "client:train {}"), "global 'client'")
    finds_in(block("lua setup=nothing", "return"), "setups.lua has no nothing")
  end)

  it("finds commands that are not there, options that are wrong, files that are gone", function()
    finds_in(block("sh", "novitta version"), "novitta")
    finds_in(block("sh", "novita prepare --sizes 3"), "--sizes")
    finds_in(block("console", "$ novita versoin\nnovita 0.1.0"), "versoin")
    finds_in(block("sh", "make no-such-target"), "no-such-target")
    finds_in(block("sh", "luarocks make rockspec/none.rockspec"), "there is no rockspec/none")
    finds_in(block("sh", "apt-get install libnone-dev"), "there is no libnone-dev")
  end)

  it("finds a name that the page has not introduced", function()
    local uses = block("lua setup=task", "assert(form.name and task)")
    finds_in(uses, "page.md:4: the page has not said what form is")
    finds_in("`form` has the fields.\n" .. uses, "page.md:5: the page has not said what task is")
    finds_in(block("lua setup=task", "local form = { task = 1 }\nassert(form.task)"), nil)
  end)

  it("finds a block that does not say what it is in", function()
    finds_in(block("", "x = 1"), "a block in \"\"")
    finds_in(block("luq", "x = 1"), "a block in \"luq\"")
    finds_in("Text.\n\n    x = 1\n", "an indented block")
  end)

  for language, case in pairs {
    c = { "cc", "int f (void) { return }", "expected expression" },
    python = { "python3", "def f(:", "SyntaxError" },
    javascript = { "node", "const = 1", "SyntaxError" },
  } do
    it("finds invalid " .. language, function()
      if not os.execute("command -v " .. case[1] .. " >/dev/null") then
        pending("without " .. case[1])
        return
      end
      finds_in(block(language, case[2]), case[3])
    end)
  end
end)
