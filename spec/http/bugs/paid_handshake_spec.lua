--- A paid request was not repeated after a failed TLS handshake, although nothing had been sent.

local Front = require "support.faults.front"
local support = require "support.client"

describe("a paid request whose TLS handshake fails", function()
  it("is repeated and not ambiguous", function()
    local service <close> = support.service()
    local front <close> = Front.start(service, {
      { kind = "tls", times = 99, method = "POST", prefix = "/" } })
    local client <close> = support.client(service, { retry = { attempts = 3 },
      base_url = "https://127.0.0.1:" .. front.ports[1] })
    local id, err = client.trainings:create("subject", support.body())
    assert.is_nil(id)
    assert.equal("tls", err.kind)
    assert.equal("handshake", err.code)
    assert.equal(3, err.attempts)
    assert.is_nil(err.ambiguous)
    assert.equal(3, front:stop()[1].seen)
  end)
end)
