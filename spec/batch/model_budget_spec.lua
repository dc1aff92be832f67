-- The budget of a run in the model of the service (support.model.batch): two jobs of one kind, and
-- room for one. Nothing above the budget is paid, whatever fault the paid request meets, wherever
-- the process dies, and wherever a second runner takes over.

local journals = require "novita.batch.journal"
local model = require "support.model.batch"

local PRICE <const> = 1 -- USD; so much does a task of the model cost

local function options(budget)
  return { concurrency = 2, list_delay = model.GRACE, budget = budget, outage_timeout = 600 }
end

describe("a budget", function()
  local cases = 0

  teardown(function()
    model.forget()
    print(("# model check of budgets: %d cases, 0 above the budget, 0 doubled"):format(cases))
  end)

  -- Runs until a run ends by itself; a crash and a lost journal begin the next one.
  local function ended(service, budget)
    local summary, err
    for _ = 1, 8 do
      summary, err = model.run(service, options(budget))
      if summary and (not summary.stopped or summary.budget.exhausted or summary.budget.problem)
      then
        return summary
      end
      assert(summary or err.code ~= "VALIDATOR", tostring(err))
      service.now = service.now + 5
    end
    error("eight runs have not ended it: " .. tostring(err))
  end

  local function try(fault, budget, crash_at)
    model.fresh()
    local service = model.faulty(fault, crash_at)
    local summary = ended(service, budget)
    cases = cases + 1
    assert.is_true(#service.tasks * PRICE <= budget, ("%s, crash at %s: %d tasks"):format(
      fault.fault, crash_at, #service.tasks))
    return summary, service
  end

  it("pays for what fits, and says what does not", function()
    local summary, service = try({ fault = "none" }, 1.5)
    assert.same({ 1, 1, 0.4999 },
      { #service.tasks, summary.counts.serving, math.floor(summary.budget.left * 1e4 + 0.5) / 1e4 })
    assert.equal("the budget of 1.5000 USD allows no more: 1.0001 USD are paid or reserved, and "
      .. "subject of v1-5-pruned-emaonly, 512 x 512, 100 steps, 1 photo costs 1.0000 USD (+/- "
      .. "0.0001); the next one needs a budget of 2.0002 USD", summary.budget.exhausted)
    assert.matches("; the run was stopped by its budget$", tostring(summary))
    summary = ended(service, 2.5) -- raised: the first payment counts
    assert.same({ 2, false }, { summary.counts.serving, summary.stopped })
    assert.equal(2.0002, summary.budget.paid)
  end)

  it("has the price, the reservation and what is left in the journal", function()
    try({ fault = "none" }, 2.5)
    local journal = assert(journals.view(model.path()))
    local first, second = journal:last_payment(1, "training"), journal:last_payment(2, "training")
    assert.same({ "made", 1000000, nil, 25000, nil },
      { first.state, first.balance, first.reserved, first.budget, first.budget_left })
    assert.same({ "made", nil, 10001, 25000, 25000 - 20002 },
      { second.state, second.balance, second.reserved, second.budget, second.budget_left })
    assert.same({ 10000, 1 }, { journal:price(first.kind).units,
      journal:price(first.kind).uncertain })
    journal:close()
  end)

  for _, fault in ipairs { "none", "reset_before", "reset_after", "late", "timeout_late", "refused",
    "too_many", "canceled_after" } do
    it("is kept if a process dies anywhere with the fault " .. fault, function()
      for fault_at = 1, fault == "none" and 1 or 2 do
        local _, calm = try({ fault = fault, fault_at = fault_at }, 1.5)
        for at = fault_at, calm.points, 9 do
          try({ fault = fault, fault_at = fault_at }, 1.5, at)
        end
      end
    end)
  end

  it("is kept wherever a second runner takes over", function()
    local _, calm = try({ fault = "none" }, 1.5)
    for at = 1, calm.points, 8 do
      model.fresh()
      local service = model.faulty { fault = "none", take_over_at = at, paid = model.PAID }
      model.run(service, options(1.5))
      ended(service, 1.5)
      cases = cases + 1
      assert.equal(1, #service.tasks, ("lock lost at %d"):format(at))
    end
  end)

  it("pays for nothing more if the balance does not move", function()
    local summary, service = try({ fault = "none", unbilled = true }, 2.5)
    assert.equal(1, #service.tasks)
    assert.equal(1, summary.counts.serving) -- what is paid for is waited for
    assert.matches("^the balance has not moved within 60 s, so the price of .* is unknown, and the "
      .. "budget of 2.5000 USD cannot be kept", summary.budget.problem)
    summary = model.run(service, options(2.5)) -- neither does the next run
    assert.equal(1, #service.tasks)
    assert.is_string(summary.budget.problem)
    service.unbilled = false -- the service bills late: now the price is seen
    ended(service, 2.5)
    assert.equal(2, #service.tasks)
  end)
end)
