-- The price of a payment was read from a balance that moved for other reasons. A service that bills
-- some seconds late showed what was paid for before it, which hid the real price: with a budget of
-- 12 USD, 30 were paid. And money that had come into the account since an earlier run made the
-- price of that run too low for all payments of this one. Or it had come in while the request was
-- tried again, because the balance was read only before the first try. If more had come in than the
-- price, no later run paid for anything any more.

local model = require "support.model.batch"
local prices = require "support.model.prices"

local UNITS <const> = prices.UNITS

local plan, service_of = prices.plan, prices.service

local function run(service, samples)
  return prices.run(service, 12, samples)
end

describe("the price of a payment", function()
  teardown(model.forget)

  it("is not the bill of an earlier one of another kind", function()
    local steps = { 1, 1, 1, 500, 500, 500, 500, 500, 500 }
    plan(steps)
    local service = service_of(steps, 5)
    local summary = assert(run(service))
    assert.equal(10.03, service:spent())
    assert.equal(10.0305, summary.budget.paid)
  end)

  local killed_at = 1 -- the point that the first search has found

  -- The first run ends right after its first payment, before it knows the price.
  local function killed(steps)
    plan(steps)
    local service = service_of(steps, 0)
    killed_at = prices.killed(service, 12, killed_at)
    return service
  end

  it("is seen again if money has come into the account since an earlier run", function()
    local service = killed { 500, 1, 500, 500, 500, 500 }
    service.income, service.now = 4.9 * UNITS, service.now + 86400
    local summary = assert(run(service))
    assert.equal(10.01, service:spent()) -- the second one has shown the price
    assert.is_string(summary.budget.exhausted)
  end)

  it("is that of the next payment if more money has come in than it was", function()
    local service = killed { 500, 1, 500, 500, 500, 500 }
    service.income, service.now = 20 * UNITS, service.now + 86400
    local summary = assert(run(service))
    assert.equal(10.01, service:spent())
    assert.is_nil(summary.budget.problem)
    assert.equal(10.0103, summary.budget.paid)
    assert.is_string(summary.budget.exhausted)
  end)

  it("counts as the dearest known one if it was hidden", function()
    local service = killed { 500, 400, 400, 400 }
    service.income, service.now = 20 * UNITS, service.now + 86400
    assert(run(service))
    assert.equal(9, service:spent())
  end)

  it("is never seen in an account that is filled up each time, so two payments end it", function()
    plan { 500, 500, 500, 500 }
    local service = service_of({ 500, 500, 500, 500 }, 0)
    local balance = service.balance
    function service:balance()
      return balance(self) + #self.tasks * 100 * UNITS
    end
    for _, count in ipairs { 1, 2, 2, 2 } do
      local summary = assert(run(service))
      assert.equal(count, #service.tasks)
      assert.matches("^the balance has grown meanwhile, so the price of .* is unknown",
        summary.budget.problem)
    end
  end)

  it("is not hidden by money that comes in before its request is sent again", function()
    local steps = { 10, 10, 10 }
    plan(steps)
    local service = service_of(steps, 0)
    service.order_fault, service.order_fault_at = "unreachable", 1
    local balance = service.balance
    function service:balance()
      return balance(self) - #self.samples.made * 2500 + (self.samples.orders > 0 and 2000 or 0)
    end
    local summary = assert(run(service, { folder = "/samples", model_name = "model.safetensors",
      prompt = "ohwx" }))
    assert.equal(3, #service.samples.made)
    assert.equal(3 * 0.1001 + 3 * 0.2501, summary.budget.paid)
  end)
end)
