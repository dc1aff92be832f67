--- A process that is stopped while it writes a paid request, and wakes too late, is killed.

local core = require "novita.core"
local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"

local PROGRAM <const> = [[
  package.path, package.cpath = %q, %q
  local core = require "novita.core"
  local client = require "novita".client { api_key = "sk_watched", paid_timeout = 2,
    base_url = "http://127.0.0.1:" .. arg[1] }
  local function try(text, watchdog)
    local _, err = client.trainings:create_by("subject", { name = text }, core.boot_time() + 1.5,
      watchdog)
    io.write(err.code, " ", tostring(err.ambiguous), "\n"):flush()
  end
  local long = ("x"):rep(3e6) -- more than the buffers of the connection
  try("written at once", true)
  try(long, false)
  try(long, true)
]]

-- Runs a program beside a server that accepts and reads nothing; prints the signal that ends it.
local UNREAD <const> = [[perl -MIO::Socket::INET -e '$| = 1;
  my $s = IO::Socket::INET->new(Listen => 16, LocalAddr => "127.0.0.1");
  print "signal ", system(@ARGV, $s->sockport) & 127' %s %s 2>&1]]

describe("a watchdog", function()
  if not core.has_watchdog then
    return pending "needs Linux, and a process that is not number 1"
  end

  it("kills a process whose request is not written in time, and no other one", function()
    local path = os.tmpname()
    fixtures.write(path, PROGRAM:format(package.path, package.cpath))
    local pipe <close> = assert(io.popen(UNREAD:format(interpreter, path)))
    assert.equal("timeout true\ntimeout true\nsignal 9", pipe:read "a")
    os.remove(path)
  end)
end)
