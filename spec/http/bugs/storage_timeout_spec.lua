--- The storage's "RequestTimeout", which has status 400 and follows a stalled connection, ended an
--- upload with an error that was not retryable.

local response = require "novita.http.response"
local support = require "support.client"

local function words(code)
  return ("<Error><Code>%s</Code><Message>words</Message></Error>"):format(code)
end

describe("an upload that stalled", function()
  it("starts again with a new link", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 400, route = "put", times = 2,
      body = words "RequestTimeout" }
    assert(client.assets:upload { bytes = support.photo(1) })
    assert.equal(3, #support.requests(service, "put"))
    assert.equal(3, #support.requests(service, "presign"))
  end)

  it("may be retried later if it stalls again", function()
    local service <close> = support.service()
    local client <close> = support.client(service)
    service:fault { kind = "status", status = 400, route = "put", forever = true,
      body = words "RequestTimeout" }
    local id, err = client.assets:upload { bytes = support.photo(1) }
    assert.is_nil(id)
    assert.equal("RequestTimeout", err.code)
    assert.is_true(err.retryable)
  end)
end)

describe("other errors of the storage", function()
  it("are classified by their status", function()
    for code, expected in pairs { AccessDenied = { [403] = false, [503] = true },
      EntityTooLarge = { [400] = false }, SlowDown = { [503] = true },
      NeverHeardOf = { [500] = true, [404] = false } } do
      for status, retryable in pairs(expected) do
        local err = response.refusal("upload", { status = status, body = words(code) })
        assert.equal(retryable, err.retryable)
      end
    end
  end)
end)
