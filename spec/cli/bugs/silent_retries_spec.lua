-- Without a connection, a command was silent for 39 seconds, until its last attempt had failed.

local cli = require "support.cli"
local support = require "support.client"

-- The first line on standard error; then the command is ended.
local function first_line(words, env)
  local pipe = assert(io.popen(("echo $$; exec timeout 60 %s 2>&1 >/dev/null"):format(
    cli.command(words, env))))
  local pid, line = pipe:read "l", pipe:read "l"
  os.execute("kill " .. pid)
  pipe:close()
  return line
end

describe("a command without a connection", function()
  it("says at once that it tries again", function()
    local line = first_line({ "balance" }, cli.env { base_url = "http://127.0.0.1:1",
      api_key = "sk_x" })
    assert.equal("127.0.0.1:1: no connection: refused or unreachable; trying again (2 of 8)", line)
  end)

  it("names a status that may pass", function()
    local service <close> = support.service()
    service:fault { kind = "status", status = 503, route = "balance-detail", times = 1 }
    local done = cli.run({ "balance" }, cli.env(service))
    assert.equal(0, done.status, done.err)
    assert.matches("^127.0.0.1:%d+ answered 503; trying again %(2 of 8%)\n$", done.err)
  end)
end)
