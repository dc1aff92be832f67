--- Every input that fuzzing has found worth keeping, through its target once more. The targets are
--- built here with the compiler of the suite, and with the sanitizers where the suite has them.

local lfs = require "lfs"

local here = debug.getinfo(1, "S").source:match "^@(.*)fuzz/corpus_spec%.lua$"
local build = os.getenv "BUILD" or "build"
local sanitized = os.getenv "NOVITA_SANITIZED" == "1"
local CC = "cc -std=gnu11 -O1 -g "
  .. (sanitized and "-fsanitize=address,undefined " or "") .. "$(pkg-config --cflags lua5.4)"
local LIBS = (os.getenv "LDFLAGS" or "")
  .. " -lcurl -ljpeg -lpng -lwebp -llcms2 -lz -lpthread -lm -llua5.4"

local function run(command)
  local pipe = assert(io.popen(command .. " 2>&1"))
  local output = pipe:read "a"
  return pipe:close(), output
end

-- The objects that a target links: all but the host's functions, the Lua binding and what other
-- rocks have.
local function objects()
  local list = {}
  local pipe <close> = assert(io.popen("find csrc -mindepth 2 -name '*.c' ! -path 'csrc/lua/*' "
    .. "! -path 'csrc/httpd/*' ! -path 'csrc/service/*' ! -path 'csrc/emulator/*' "
    .. "! -path 'csrc/server/*' ! -path '*sql*'"))
  for source in pipe:lines() do
    list[#list + 1] = ("%s/%s.o"):format(build, (source:gsub("%.c$", "")))
  end
  return table.concat(list, " ")
end

-- Lua that a target runs finds the library as the suite does.
local ENVIRONMENT = ("LUA_PATH='%s' LUA_CPATH='%s'"):format(package.path, package.cpath)

local function replay(name)
  local program = os.tmpname()
  local ok, output = run(("%s -o %s %sfuzz/fuzz_%s.c %sfuzz/replay.c %s %s"):format(
    CC, program, here, name, here, objects(), LIBS))
  assert(ok, output)
  ok, output = run(("%s timeout 300 %s %sfuzz/corpus/%s/*"):format(ENVIRONMENT, program, here,
    name))
  os.remove(program)
  return ok, output
end

describe("the corpus of", function()
  local names = {}
  for file in lfs.dir(here .. "fuzz") do
    names[#names + 1] = file:match "^fuzz_(.*)%.c$"
  end
  table.sort(names)
  assert(#names >= 15, "the targets are gone")

  for _, name in ipairs(names) do
    it(name .. " breaks no promise", function()
      local ok, output = replay(name)
      assert(ok, output:sub(-3000))
      assert.is_true(tonumber(output:match "(%d+) inputs") >= 1)
    end)
  end
end)
