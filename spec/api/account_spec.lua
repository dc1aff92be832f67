local emulator = require "novita.emulator"
local responses = require "support.responses"

local function open(service)
  return service:client()
end

describe("the account", function()
  it("returns every field", function()
    local client, requests = responses.client
      '{"allow_features":["a","b"],"credit_balance":"12345","free_trial":{"txt2img":3,"x":"4"}}'
    assert.same({ allow_features = { "a", "b" }, credit_balance = 12345,
      free_trial = { txt2img = 3, x = 4 } }, client.account:get())
    assert.equal("http://127.0.0.1:9/v3/user", requests[1].url)
  end)

  for name, body in pairs {
    texts = '{"availableBalance":"123456","cashBalance":"100000","creditLimit":"0",'
      .. '"outstandingInvoices":"7"}',
    numbers = '{"availableBalance":123456,"cashBalance":100000.0,"creditLimit":0,'
      .. '"outstandingInvoices":7}',
  } do
    it("has a balance in " .. name, function()
      assert.same({ availableBalance = 123456, cashBalance = 100000, creditLimit = 0,
        outstandingInvoices = 7, usd = 12.3456 }, (responses.client(body)).account:balance())
    end)
  end

  it("tries the older routes only if the documented one does not exist", function()
    local service <close> = assert(emulator.start { balance = 5000 })
    local client <close> = open(service)
    assert.equal(0.5, assert(client.account:balance()).usd)
    assert.is_nil(service:ledger().routes.balance)
    service:fault { kind = "status", status = 404, route = "balance-detail", forever = true }
    assert.equal(5000, assert(client.account:balance()).availableBalance)
    service:fault { kind = "status", status = 404, route = "balance", forever = true }
    local oldest = assert(client.account:balance())
    assert.equal(5000, oldest.availableBalance)
    assert.is_nil(oldest.cashBalance)
    service:fault { kind = "status", status = 404, route = "user" }
    assert.equal(404, select(2, client.account:balance()).status)
  end)

  it("returns the service's error", function()
    local client, requests = responses.client { status = 403,
      body = '{"code":403,"reason":"INVALID_API_KEY","message":"invalid api-key"}' }
    assert.equal("INVALID_API_KEY", select(2, client.account:balance()).code)
    assert.equal(1, #requests)
  end)

  it("is not invented if the response has none", function()
    local none, err = (responses.client "{}").account:balance()
    assert.is_nil(none)
    assert.equal("malformed", err.code)
  end)

  it("is used up by paid requests", function()
    local service <close> = assert(emulator.start { balance = 30, image_price = 25 })
    local client <close> = open(service)
    local order = { model_name = "m.safetensors", prompt = "p" }
    assert(client:generate(order):wait(20))
    assert.equal(5, client.account:balance().availableBalance)
    local none, err = client:generate(order):wait(20)
    assert.is_nil(none)
    assert.equal("BILLING_BALANCE_NOT_ENOUGH", err.code)
    assert.is_nil(err.ambiguous)
  end)
end)
