-- The HTTP server with TLS.

local files = require "support.files"
local helper = require "support.emulator"
local httpd = require "novita.httpd"
local interpreter = require "support.interpreter"
local tls = require "support.tls"

local BAD_PROTOCOL = 35 -- exit code of curl

-- A server that has 75 connections, until its input ends.
local LIMITED <const> = [[
  package.path, package.cpath = %q, %q
  local server = assert(require("novita.httpd").start { name = "the test", port = 0, tick = 0,
    entry = "support.httpd.program", body_limit = 1 << 20, certificate = %q .. ".pem",
    key = %q .. ".key", options = %q })
  print(server:port())
  io.stdout:flush()
  require "novita.async.sleep"(require("novita.async.scheduler").own(), 20)]]

local FLOOD <const> = [[use IO::Socket::INET;
  push @all, IO::Socket::INET->new(PeerAddr => "127.0.0.1", PeerPort => $ARGV[0]) for 1 .. 90;
  $| = 1; print "open\n"; sleep 20]]

local authority, valid

setup(function()
  authority = tls.authority()
  valid = authority:certificate "valid"
end)
teardown(function() authority:close() end)

local function start(more)
  local settings = { name = "the test", entry = "support.httpd.program",
    options = authority.folder, port = 0, body_limit = 1 << 20, tick = 0,
    certificate = valid .. ".pem", key = valid .. ".key" }
  for name, value in pairs(more or {}) do settings[name] = value or nil end
  return httpd.start(settings)
end

local function get(server, host, ...)
  return helper.curl("--cacert", authority.ca_file,
    ("https://%s:%d/echo"):format(host, server:port()), ...)
end

describe("the HTTP server with TLS", function()
  it("serves with the certificate of a file", function()
    local server <close> = assert(start())
    assert.equal("GET /echo 0", get(server, "localhost").body)
    assert.equal(60, helper.curl(("https://localhost:%d/echo"):format(server:port())).exit)
    assert.equal(BAD_PROTOCOL, get(server, "localhost", "--tls-max", "1.1").exit)
  end)

  it("serves on another address", function()
    local server <close> = assert(start { address = "127.0.0.2" })
    assert.equal("GET /echo 0", get(server, "localhost", "--connect-to", "::127.0.0.2:").body)
  end)

  it("leaves connections for other machines when one opens all it can", function()
    local program = files.temporary(LIMITED:format(package.path, package.cpath, valid, valid,
      authority.folder))
    local pipe <close> = assert(io.popen(("echo $$; ulimit -n 100; exec %s %s"):format(interpreter,
      program)))
    local server, port = pipe:read("n", "n")
    local flood <close> = assert(io.popen(("echo $$; exec perl -e '%s' %d"):format(FLOOD, port)))
    local other = flood:read "n"
    local _, opened = flood:read("L", "l")
    assert.equal("open", opened)
    local url = ("https://localhost:%d/echo"):format(port)
    local function exit_from(address)
      return helper.curl("--cacert", authority.ca_file, "--interface", address, "--max-time", "5",
        url).exit
    end
    assert.not_equal(0, exit_from "127.0.0.1")
    assert.equal(0, exit_from "127.0.0.2")
    os.execute(("kill %d %d"):format(server, other))
    os.remove(program)
  end)

  it("says which file is not right", function()
    local _, why = start { certificate = "/no/such/file" }
    assert.equal("cannot read /no/such/file: No such file or directory", why)
    _, why = start { key = "/no/such/key" }
    assert.equal("cannot read /no/such/key: No such file or directory", why)
    _, why = start { key = authority.folder .. "/ca.key" }
    assert.matches("the certificate or its key is not valid", why)
  end)

  it("is needed for an address that others can reach", function()
    local function refused(more, message)
      local ok, why = pcall(start, more)
      assert.is_false(ok)
      assert.matches(message, why)
    end
    refused({ certificate = false, key = false, address = "0.0.0.0" },
      "the address 0%.0%.0%.0 needs a certificate and a key")
    refused({ certificate = false, key = false, address = "::" }, "the address :: needs")
    refused({ certificate = false }, "certificate and key must be given together")
    refused({ address = "localhost" }, 'address must be a number such as 127%.0%.0%.1, got "loc')
  end)
end)
