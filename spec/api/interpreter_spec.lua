-- Which Lua can run novita: another one gets one line that says what to do.
local programs = require "support.programs"

local file = "lua/novita/base/interpreter.lua"

-- The output of an interpreter whose program requires novita.
local function response_of(interpreter)
  local command = ("LUA_INIT= LUA_PATH='lua/?.lua;lua/?/init.lua' %s -e %s"):format(interpreter,
    [['local ok, err = pcall(require, "novita") print(ok or err)']])
  return (programs.run(command))
end

describe("an interpreter that cannot run novita", function()
  for _, interpreter in ipairs { "lua5.1", "lua5.2", "lua5.3", "luajit" } do
    it("is refused in one line: " .. interpreter, function()
      if not programs.has(interpreter) then
        pending(interpreter .. " is not installed")
        return
      end
      local name = interpreter == "luajit" and "LuaJIT" or interpreter:gsub("lua", "Lua ")
      assert.equal(("novita needs Lua 5.4.3 or newer, this is %s: run the program with Lua 5.4\n")
        :format(name), response_of(interpreter))
    end)
  end

  -- The releases 5.4.0 to 5.4.2 are in no distribution; this is how they differ.
  it("is refused in one line: one in which a __close handler cannot yield", function()
    local environment = setmetatable({ coroutine = { wrap = coroutine.wrap,
      yield = function() error "attempt to yield across a C-call boundary" end } },
      { __index = _G })
    environment.load = function(text) return load(text, "=text", "t", environment) end
    local ok, err = pcall(loadfile(file, "t", environment))
    assert.is_false(ok)
    assert.equal("novita needs Lua 5.4.3 or newer, this is one of 5.4.0 to 5.4.2, in which a "
      .. "__close handler cannot yield: install a newer release of Lua 5.4", err)
  end)

  it("is not this one", function()
    assert.is_true(dofile(file))
  end)
end)
