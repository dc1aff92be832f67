-- novita.h in C and C++ programs that have the library compiled in. They are linked with the
-- objects that `make` has built.

local fixtures = require "support.fixtures"
local novita = require "novita"
local programs = require "support.programs"

local build = os.getenv "BUILD" or "build"

local function read(path)
  local file <close> = assert(io.open(path, "rb"))
  return file:read "a"
end

local manual = read "docs/embedding.md"

-- The command of the manual that compiles a host, for the program at `source`.
local function compile(source, name, standard)
  local path = build .. "/spec/" .. name
  local sources = "find csrc -name '*.c' ! -path '*sql*'"
  local objects = ("$(%s | sed 's|^|%s/|; s|c$|o|')"):format(sources, build)
  local command = manual:match "\n(cc .-)\n```"
  local function replace(from, to)
    local first, last = assert(command:find(from, 1, true))
    command = command:sub(1, first - 1) .. to .. command:sub(last + 1)
  end
  replace("cc -O2", standard .. " -Wall -Wextra -Werror " .. (os.getenv "LDFLAGS" or ""))
  replace("-o host examples/host_poll.c", ("-o %s %s"):format(path, source))
  replace(("$(%s)"):format(sources), "-x none " .. objects)
  local out, good = programs.run(("mkdir -p %s/spec && %s -lm"):format(build, command))
  assert(good, out)
  return path
end

-- Runs a program without the cpath: the C part must be its own. `variables` are assignments.
local function run(path, variables, ...)
  return programs.run(("env -u LUA_CPATH LUA_PATH='%s' %s timeout 100 %s %s"):format(package.path,
    variables or "", path, table.concat({ ... }, " ")))
end

describe("novita.h", function()
  local function syntax(command)
    local out, good = programs.run(([[printf '#include "novita.h"\n' | ]]
      .. "%s -Icsrc $(pkg-config --cflags lua5.4) -Wall -Wextra -Werror -fsyntax-only -")
      :format(command))
    assert(good, out)
  end

  it("is strict C11", function()
    syntax "cc -x c -std=c11 -pedantic-errors -Wstrict-prototypes -Wc++-compat"
  end)

  local cxx = programs.has "g++" and it or pending
  cxx("is C++", function()
    syntax "g++ -x c++ -std=c++11 -pedantic-errors"
  end)

  it("has the library's version, as the rockspecs and the changelog", function()
    assert.equal(novita._VERSION, read("csrc/novita.h"):match '#define NOVITA_VERSION "([%d.]+)"')
    assert.truthy(read("CHANGELOG.md"):find("\n## " .. novita._VERSION .. "\n", 1, true))
    for _, rock in ipairs { "novita", "novita-core", "novita-service" } do
      local version = read(("rockspec/%s-scm-1.rockspec"):format(rock)):match '\nversion = "(.-)"'
      assert.is_true(version == "scm-1" or version:match "^(.*)%-%d+$" == novita._VERSION)
    end
  end)
end)

describe("a C program with novita inside", function()
  local test = os.getenv "NOVITA_SANITIZED" and pending or it -- sanitized objects
  local source = build .. "/spec/embedding.c"
  local script = build .. "/spec/embedding.lua"

  local function prepare()
    assert(os.execute(("mkdir -p %s/spec"):format(build)))
    fixtures.write(source, manual:match "\n```c\n(.-)```")
    fixtures.write(script, [[
      local client = ...
      client:sleep(0.01)
      print("balance " .. type(assert(client.account:balance())))
      assert(client:attach { task_id = "none", task_type = "subject" }:wait(0.1) == nil)
      if os.getenv "FAIL" then error "as it should" end
    ]])
  end

  local function works(path)
    local service <close> = fixtures.service()
    local variables = ("NOVITA_API_KEY=%s NOVITA_BASE_URL=%s"):format(service.api_key,
      service.base_url)
    local out, good = run(path, variables, script)
    assert(good, out)
    assert.equal("balance table\n", out)
    out, good = run(path, variables .. " FAIL=1", script)
    assert.is_false(good)
    assert.truthy(out:find("as it should", 1, true), out)
    out, good = run(path, variables, "no-such-file.lua")
    assert.is_false(good)
    assert.truthy(out:find("no-such-file", 1, true), out)
  end

  test("runs a script in the program of the manual", function()
    prepare()
    works(compile(source, "embedding", "cc -std=c11"))
  end)

  local cxx = programs.has "g++" and test or pending
  cxx("is a C++ program too", function()
    prepare()
    works(compile("-x c++ " .. source, "embedding++", "g++ -std=c++11"))
  end)

  test("can call the functions anywhere", function()
    local path = compile("spec/async/host_checks.c", "host_checks", "cc -std=c11")
    local all = "before require\ndriven\nwaited\nwrong use\npreload on out-of-memory\n"
      .. "loop on out-of-memory\n"
    assert.equal(all, (run(path)))
    assert.equal(all, (run(path, "NOVITA_POLLER=poll")))
  end)
end)
