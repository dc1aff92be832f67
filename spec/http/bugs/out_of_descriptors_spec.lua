--- A process without free descriptors got the error that the service refuses connections.

local fixtures = require "support.fixtures"

describe("a process without free descriptors", function()
  it("gets an error that says so, and works again when descriptors are free", function()
    local output, status = fixtures.program([[
      local novita = require "novita"
      local fixtures = require "support.fixtures"
      local service = fixtures.service()
      local client = fixtures.client(service, { retry = { attempts = 2, min = 0.01 } })
      local account, held = client.account, {} -- what it needs is loaded
      repeat
        local file = io.open "/dev/null"
        held[#held + 1] = file
      until not file
      local value, err = account:get()
      print(value, err.kind, err.code, err.message:match "no socket to connect with: .*")
      for _, file in ipairs(held) do file:close() end
      print(account:get() ~= nil)
      client:close()
      service:stop()
    ]], "prlimit --nofile=64")
    assert.equal(0, status, output)
    assert.matches("^nil\tnetwork\tdescriptors\tno socket to connect with: .+\ntrue\n$", output)
  end)
end)
