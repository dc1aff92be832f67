-- `make docs-check` fails where it should: each case breaks a copy of the checkout in one place.

local cli = require "support.cli"
local interpreter = require "support.interpreter"

local build = os.getenv "BUILD" or "build"
local copy -- the folder

local function lines_of(command)
  local pipe <close> = assert(io.popen(command))
  return pipe:read "a"
end

local function read(path)
  local file <close> = assert(io.open(copy .. "/" .. path, "rb"))
  return file:read "a"
end

local function write(path, text)
  local file <close> = assert(io.open(copy .. "/" .. path, "wb"))
  file:write(text)
end

-- Runs the check in the copy: whether it found nothing, and what it said.
local function check(words)
  local command = "cd %s && env -u LUA_PATH -u LUA_CPATH %s tools/docs/check.lua %s 2>&1; "
    .. "echo status $?"
  local told = lines_of(command:format(copy, interpreter, words))
  return told:find "\nstatus 0\n$" ~= nil, told
end

-- Breaks a file for the time of one check, which is to say so.
local function finds(words, path, pattern, replacement, said)
  local whole = read(path)
  local broken, count = whole:gsub(pattern, replacement, 1)
  assert.equal(1, count, path .. " has changed: this spec breaks nothing")
  write(path, broken)
  local ok, told = check(words)
  write(path, whole)
  assert.is_false(ok)
  assert.is_truthy(told:find(said, 1, true), told)
end

setup(function()
  local top = lines_of("pwd"):match "[^\n]+"
  local list = "git ls-files --cached --others --exclude-standard"
  copy = lines_of("mktemp -d"):match "[^\n]+"
  assert(os.execute(("%s | grep -v '^spec/fuzz/corpus/' | tar cf - -T - | tar xf - -C %s")
    :format(list, copy)))
  local from = build:sub(1, 1) == "/" and build or top .. "/" .. build
  assert(os.execute(("cd %s && git init -q && mkdir -p %s && cp -r %s/novita %s/")
    :format(copy, build, from, build)))
end)

teardown(function()
  cli.remove(copy)
end)

describe("the check of names", function()
  it("finds nothing wrong with the docs as they are", function()
    local ok, told = check "names links"
    assert.is_true(ok, told)
  end)

  it("finds a method without a word", function()
    finds("names", "lua/novita/client/init.lua", "\nreturn new",
      "\nfunction Client:dance() end\n%0",
      "client:dance is on no page")
    finds("names", "lua/novita/async/group.lua", "\nlocal group = {}",
      "\nfunction Group:shout() end\n%0", "group:shout is on no page")
  end)

  it("finds a function of a module without a word", function()
    finds("names", "lua/novita/client/progress.lua", "\nreturn progress",
      "\nfunction progress.hum() end\n%0", "novita.progress.hum is on no page")
  end)

  it("finds a field of novita that editors do not know, and one that is none", function()
    finds("names", "lua/novita/init.lua", "%-%-%-@field sleep [^\n]*\n", "",
      "novita.sleep is no field of the class")
    finds("names", "lua/novita/init.lua", "%-%-%-@field sleep", "---@field nap string\n%0",
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
      finds("names", "lua/novita/cli/commands/prepare.lua", '"How it gets there%."', '""',
        "novita prepare: --fit")
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

describe("the check of floors", function()
  local function floors()
    return lines_of(("cd %s && %s tools/lint/floors.lua"):format(copy, interpreter))
  end

  local function finds_arrow(path, line, said)
    local whole = read(path)
    assert.equal("", floors())
    write(path, whole .. line .. "\n")
    local told = floors()
    write(path, whole)
    assert.is_truthy(told:find(said, 1, true), told)
  end

  it("finds a require that points up, and a file without a room", function()
    finds_arrow("lua/novita/async/group.lua", 'require "novita.client"',
      "group.lua (async) requires novita.client (client)")
    finds_arrow("lua/novita/schema/format.lua", "require('novita.batch')",
      "format.lua (schema) requires novita.batch (batch)")
    assert(os.execute(("mkdir %s/lua/novita/attic"):format(copy)))
    write("lua/novita/attic/box.lua", "")
    assert.matches("attic/box.lua: the room attic is not in tools/lint/floors.lua", floors())
    cli.remove(copy .. "/lua/novita/attic")
  end)

  it("finds an include that points up", function()
    finds_arrow("csrc/base/heap.c", '#include "../event/loop.h"',
      "base/heap.c (base) includes ../event/loop.h (event)")
    finds_arrow("csrc/image/prepare/orient.c", "#include <lua.h>", "only csrc/lua knows Lua")
  end)
end)

describe("the check of blocks", function()
  local fence <const> = "```"

  -- A page of one block.
  local function finds_in(block, said)
    write("page.md", "# Page\n\n" .. block)
    local ok, told = check "blocks page.md"
    os.remove(copy .. "/page.md")
    if not said then
      assert.is_true(ok, told)
      return
    end
    assert.is_false(ok)
    assert.is_truthy(told:find(said, 1, true), told)
  end

  local function block(language, text)
    return ("%s%s\n%s\n%s\n"):format(fence, language, text, fence)
  end

  it("lets through what runs", function()
    finds_in(block("lua", "assert(require('novita').client {})")
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
    it("finds " .. language .. " that is none", function()
      if not os.execute("command -v " .. case[1] .. " >/dev/null") then
        pending("without " .. case[1])
        return
      end
      finds_in(block(language, case[2]), case[3])
    end)
  end
end)
