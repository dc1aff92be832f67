-- Without a connection, a command was silent for 39 seconds, until its last attempt had failed. Now
-- it reports that it tries again, and at a terminal a command that only asks gives up soon.

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

-- The lines that a command prints at a terminal.
local function at_terminal(words, env)
  local command = cli.command(words, env):gsub("'", "'\\''")
  local pipe <close> = assert(io.popen(("timeout 60 script -qec '%s' /dev/null </dev/null")
    :format(command)))
  local lines = {}
  for line in pipe:lines() do
    lines[#lines + 1] = line:gsub("\r$", ""):gsub("\27%[%d+m", "")
  end
  return lines
end

describe("a command without a connection", function()
  local env = cli.env { base_url = "http://127.0.0.1:1", api_key = "sk_x" }
  local REFUSED <const> = "127.0.0.1:1: no connection: refused or unreachable"

  it("says at once that it tries again", function()
    assert.equal(REFUSED .. "; trying again (2 of 8)", first_line({ "models", "--download", "x" },
      env))
  end)

  for _, words in ipairs { { "balance" }, { "list" }, { "models" }, { "auth", "status" },
    { "api", "GET", "/v3/user" } } do
    it("gives up soon at a terminal if it only asks: " .. words[1], function()
      local text = at_terminal(words, env)
      assert.equal(REFUSED .. "; trying again (2 of 2)", text[1])
      assert.matches("error: .*" .. REFUSED .. "$", table.concat(text, "\n", 2))
    end)
  end

  it("names a status that may pass", function()
    local service <close> = support.service()
    service:fault { kind = "status", status = 503, route = "balance-detail", times = 1 }
    local done = cli.run({ "balance" }, cli.env(service))
    assert.equal(0, done.status, done.err)
    assert.matches("^127.0.0.1:%d+ answered 503; trying again %(2 of 8%)\n$", done.err)
  end)
end)
