-- The run of a killed process counted as working while its parent had not asked about its end: a
-- retry, or an abandon, was refused.

local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"
local process = require "novita.batch.store.process"

describe("a process that was killed", function()
  it("has ended although its parent has not asked about it", function()
    local folder <close> = fixtures.folder()
    local script = folder:put("say.lua", ("package.path, package.cpath = %q, %q\n"):format(
      package.path, package.cpath) .. [[
      print(require("novita.batch.store.process").identity())
      io.stdout:flush()
      os.execute "kill -9 $PPID"]])
    local pipe <close> = assert(io.popen(("%s %s & exec sleep 3"):format(interpreter, script)))
    local identity = pipe:read "l"
    local ended, tries = process.has_ended(identity), 0
    while not ended and tries < 40 do
      os.execute "sleep 0.05"
      ended, tries = process.has_ended(identity), tries + 1
    end
    assert.is_true(ended)
    assert.is_false(process.has_ended(process.identity()))
  end)
end)
