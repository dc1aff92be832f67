-- A run was killed between a payment and its price, and less money than the price came into the
-- account: the next run learnt from the balance that the payment was cheap. It paid for other kinds
-- with the money that was not there, and reserved too little for the next payment of the kind: if
-- that run was killed as well, the low price stayed. With a budget of 12 USD, 14 and 15 were paid.

local journals = require "novita.batch.journal"
local model = require "support.model.batch"
local prices = require "support.model.prices"

local BUDGET <const> = 12

describe("a price that was not verified", function()
  teardown(model.forget)

  local killed_at = 1 -- the point that the first search has found

  -- After the first payment, which costs 5 USD, 4.9 come in.
  local function killed(steps, budget)
    prices.plan(steps)
    local service = prices.service(steps, 0)
    killed_at = prices.killed(service, budget, killed_at)
    service.income, service.now = 4.9 * prices.UNITS, service.now + 86400
    return service
  end

  local function price()
    local journal <close> = setmetatable({ book = assert(journals.view(model.path())) },
      { __close = function(self) self.book:close() end })
    return journal.book:price(journal.book:last_payment(1, "training").kind)
  end

  it("counts as the dearest known one of its sort", function()
    local service = killed({ 500, 400, 500, 500 }, BUDGET)
    local summary = assert(prices.run(service, BUDGET))
    assert.equal(9, service:spent())
    assert.is_string(summary.budget.exhausted)
    assert.same({ 1000, 0 }, { price().units, price().verified })
  end)

  it("is not that of the next payment either, if its run is killed, too", function()
    local service = killed({ 500, 500, 500, 500 }, BUDGET)
    prices.killed(service, BUDGET)
    service.now = service.now + 86400
    local summary = assert(prices.run(service, BUDGET))
    assert.equal(10, service:spent())
    assert.is_string(summary.budget.exhausted)
    assert.same({ 50000, 0 }, { price().units, price().verified })
  end)

  it("adds nothing to the uncertainty of the one that is seen", function()
    local service = killed({ 500, 500, 500, 500 }, 20.1)
    local summary = assert(prices.run(service, 20.1))
    assert.same({ 20, 20.0004 }, { service:spent(), summary.budget.paid })
    assert.same({ 50000, 1, 1 }, { price().units, price().uncertain, price().verified })
  end)
end)
