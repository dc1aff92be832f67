local interpreter = require "support.interpreter"

local extra = os.getenv "COPAS_PATH"

-- Runs an example on the emulator, with the command from its head.
local function lines_of(name)
  local path = package.path
  if extra then path = extra .. ";" .. path end
  local command = ("LUA_PATH='%s' LUA_CPATH='%s' timeout 60 %s examples/loop_%s.lua 2>&1")
    :format(path, package.cpath, interpreter, name)
  local pipe = assert(io.popen(command))
  local lines = {}
  for line in pipe:lines() do lines[#lines + 1] = line end
  local good = pipe:close()
  assert.is_true(good, table.concat(lines, "\n"))
  return lines
end

local function is_there(name)
  local path = package.path
  if extra then package.path = extra .. ";" .. path end
  local found = pcall(require, name)
  package.path = path
  return found
end

local function count(lines, pattern)
  local n = 0
  for _, line in ipairs(lines) do n = n + (line:find(pattern) and 1 or 0) end
  return n
end

describe("the example for", function()
  local function example(name, check, library)
    it(name .. " trains while the loop's own work continues", function()
      if not is_there(library or name) then
        pending((library or name) .. " is not installed")
        return
      end
      local lines = lines_of(name)
      assert.matches("^serving: model_%w+", lines[#lines])
      check(lines)
    end)
  end

  example("luv", function(lines) assert.is_true(count(lines, "^tick ") > 2) end)

  example("cqueues", function(lines)
    assert.is_true(count(lines, "^tick ") > 2)
    assert.equal(2, count(lines, "^serving: "))
  end)

  example("select", function(lines)
    assert.is_true(count(lines, "^training") > 0)
  end, "socket")

  example("copas", function(lines)
    assert.equal(1, count(lines, "^preparing"))
    assert.equal(1, count(lines, "^deploying"))
  end)
end)
