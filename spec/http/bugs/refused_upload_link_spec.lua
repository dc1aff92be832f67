--- A rejected request for an upload link in the older envelope, which comes with HTTP 200, was
--- reported as "has no assets_id": the service's message was lost, and whether a retry may help.

local support = require "support.client"

describe("an upload whose link is refused in an envelope", function()
  for code, name in pairs { [7] = "BILLING_BALANCE_NOT_ENOUGH", [4] = "INVALID_API_KEY",
    [5] = "SERVICE_NOT_AVAILABLE" } do
    it("fails with the service's message: " .. name, function()
      local service <close> = support.service()
      local client <close> = support.client(service)
      service:fault { kind = "status", status = 200, route = "presign",
        body = ('{"code":%d,"msg":"words","data":null}'):format(code) }
      local id, err = client.assets:upload { bytes = support.photo(1) }
      assert.is_nil(id)
      assert.equal("api", err.kind)
      assert.equal(name, err.code)
      assert.equal(code == 5, err.retryable)
      assert.matches("words", err.message)
    end)
  end
end)
