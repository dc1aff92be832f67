-- The HTTP server with TLS.

local helper = require "support.emulator"
local httpd = require "novita.httpd"
local tls = require "support.tls"

local BAD_PROTOCOL = 35 -- exit code of curl

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
