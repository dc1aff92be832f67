-- A result that could not be written because the disk was full ended with status 1 and no message.

local cli = require "support.cli"

it("standard output that cannot be written is reported", function()
  local pipe <close> = assert(io.popen(cli.command { "version" } .. " 2>&1 >/dev/full; echo $?"))
  assert.equal("error: standard output cannot be written: No space left on device\n1\n",
    pipe:read "a")
end)
