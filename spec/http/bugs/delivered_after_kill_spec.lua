-- A process was killed right after it had written a paid request, while the other side did not
-- read. The kernel delivered the request a minute and a half later, when the next runner had looked
-- for its task already.

local fixtures = require "support.fixtures"
local interpreter = require "support.interpreter"

-- Does not read until its standard input ends, and then says how much of the request arrives.
local SERVER <const> = [[
  use IO::Socket::INET; use Socket; $| = 1;
  socket(my $s, PF_INET, SOCK_STREAM, 0) or die; setsockopt($s, SOL_SOCKET, SO_RCVBUF, 4096);
  bind($s, sockaddr_in(0, INADDR_LOOPBACK)) or die; listen($s, 1) or die;
  print +(sockaddr_in(getsockname $s))[0], "\n"; accept(my $c, $s) or die;
  my $all = sysread $c, my $first, 1; print "begun\n"; 1 while <STDIN>;
  while (sysread $c, my $part, 65536) { $all += length $part }
  print "$all\n"]]

local CLIENT <const> = [[
  package.path, package.cpath = %q, %q
  local client = require("novita").client { api_key = "k", base_url = "http://127.0.0.1:%d",
    paid_timeout = %g }
  client:request("POST", "/v3/paid", { body = { text = ("a"):rep(%d) } })]]

local BYTES <const> = 200000 -- less than the kernel takes at once, more than the server's buffer

describe("a paid request that a killed process has written", function()
  it("arrives by the end of its timeout or never", function()
    local folder <close> = fixtures.folder(0)
    fixtures.write(folder.path .. "/server.pl", SERVER)
    assert(os.execute("mkfifo " .. folder.path .. "/go"))
    local server = assert(io.popen(("perl %s/server.pl <%s/go"):format(folder.path, folder.path)))
    local go = assert(io.open(folder.path .. "/go", "w"))
    local program = folder.path .. "/client.lua"
    fixtures.write(program, CLIENT:format(package.path, package.cpath, server:read "n",
      1.5, BYTES))
    local client = assert(io.popen(("echo $$; exec %s %s"):format(interpreter, program)))
    local pid = client:read "l"
    server:read "l"
    assert.equal("begun", server:read "l")
    os.execute(("sleep 0.5; kill -9 %s; sleep 4"):format(pid))
    client:close()
    go:close()
    local bytes = server:read "n"
    server:close()
    assert.is_true(bytes < BYTES, bytes)
  end)
end)
