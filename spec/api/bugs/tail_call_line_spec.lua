-- The error of wrong use had no line of the script if the call was the last one of a function that
-- pcall had called: Lua forgets the line of a tail call.

local novita = require "novita"

local function tail()
  return novita.client { foo = 1 }
end

local function line()
  return debug.getinfo(2, "l").currentline
end

it("wrong use is reported at a line of the script, also after a tail call", function()
  local ok, err = pcall(tail)
  local expected = line() - 1
  assert.is_false(ok)
  assert.matches(("^[^:]*tail_call_line_spec.lua:%d: foo is not an option of a client"):format(
    expected), err)
  local _, alone = pcall(coroutine.wrap(tail)) -- no line is left
  assert.matches("^foo is not an option of a client", alone)
end)
