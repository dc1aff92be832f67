--- The TLS servers of the specs work as described, checked with the curl program, which is
--- independent of this project.

local tls = require "spec.support.tls"

local RESPONSE = '{"task_id":"a"}'
local TARGET = "/v3/training/subject?task_id=a"
local CERTIFICATE_REFUSED, HANDSHAKE_FAILED, NO_CONNECTION = 60, 35, 7

---@return integer status exit status of curl
---@return string output its answer or its message
local function curl(authority, server, more)
  local pipe = io.popen(
    ("curl -q -sS --max-time 10 --cacert '%s' %s '%s%s' 2>&1"):format(
      authority.ca_file, more or "", server.url, TARGET
    )
  )
  local output = pipe:read "a"
  local _, _, status = pipe:close()
  return status or 0, output
end

describe("the TLS fixture", function()
  local authority

  setup(function()
    authority = tls.authority()
    authority:respond(TARGET, RESPONSE)
  end)

  teardown(function()
    authority:close()
  end)

  local function refused(options, status, reason)
    local server <close> = authority:serve(options)
    local got, output = curl(authority, server, "--tlsv1.2")
    assert.equal(status, got, output)
    assert.truthy(output:lower():find(reason, 1, true), output)
  end

  it("has a good server that responds more than once", function()
    local server <close> = authority:serve {}
    for _ = 1, 2 do
      local status, output = curl(authority, server)
      assert.equal(0, status, output)
      assert.equal(RESPONSE, output)
    end
  end)

  it("is not trusted without the CA file", function()
    local server <close> = authority:serve {}
    local status = curl({ ca_file = "/etc/ssl/certs/ca-certificates.crt" }, server)
    assert.equal(CERTIFICATE_REFUSED, status)
  end)

  it("has an expired certificate", function()
    refused({ certificate = "expired" }, CERTIFICATE_REFUSED, "has expired")
  end)

  it("has a certificate of another host", function()
    refused({ certificate = "wrong_host" }, CERTIFICATE_REFUSED, "no alternative certificate")
  end)

  it("has a self-signed certificate", function()
    refused({ certificate = "self_signed" }, CERTIFICATE_REFUSED, "self-signed certificate")
  end)

  it("has a server that does not support TLS 1.2", function()
    refused({ old = true }, HANDSHAKE_FAILED, "alert protocol version")
    local server <close> = authority:serve { old = true }
    local status, output = curl(authority, server, "--tls-max 1.1 --ciphers ALL:@SECLEVEL=0")
    assert.equal(0, status, output)
    assert.equal(RESPONSE, output)
  end)

  it("removes its files", function()
    local mine = tls.authority()
    local server = mine:serve {}
    local folder = mine.folder
    server:close()
    server:close()
    local status = curl(authority, server)
    assert.equal(NO_CONNECTION, status)
    mine:close()
    mine:close()
    assert.is_nil(io.open(folder .. "/ca.pem"))
  end)
end)
