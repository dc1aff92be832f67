--- A response that was cut inside its headers was taken for a complete, empty one: an image of zero
--- bytes was saved, and an upload was believed complete.

local Front = require "support.faults.front"
local support = require "support.client"

describe("a response that is cut inside its headers", function()
  it("is cut, not empty: the image is complete after a retry", function()
    local folder <close> = support.folder()
    local service <close> = support.service { speed = 200 }
    local front <close> = Front.start(service, {
      { kind = "cut-header", times = 2, method = "GET", prefix = "/output-image/" } })
    local client <close> = support.client(service, { base_url = "http://127.0.0.1:"
      .. front.ports[1] })
    local path = folder.path .. "/a.png"
    assert(support.generated_image(client):save(path))
    assert.equal("\x89PNG", support.read(path):sub(1, 4))
    assert.equal(3, front:stop()[1].seen)
  end)

  it("fails with kind network, code cut, if every attempt is cut", function()
    local service <close> = support.service()
    local front <close> = Front.start(service, {
      { kind = "cut-header", times = 99, method = "GET", prefix = "/v3/user" } })
    local client <close> = support.client(service, { retry = { attempts = 3 },
      base_url = "http://127.0.0.1:" .. front.ports[1] })
    local value, err = client.account:get()
    assert.is_nil(value)
    assert.equal("network", err.kind)
    assert.equal("cut", err.code)
    assert.equal(3, err.attempts)
  end)
end)
