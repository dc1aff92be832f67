-- The price of a payment was read from a balance that moved for other reasons. A service that bills
-- some seconds late showed what was paid for before it, which hid the real price: with a budget of
-- 12 USD, 30 were paid. And money that had come into the account since an earlier run made the
-- price of that run too low for all payments of this one. Or it had come in while the request was
-- tried again, because the balance was read only before the first try. If more had come in than the
-- price, no later run paid for anything any more.

local batch = require "novita.batch"
local journals = require "novita.batch.journal"
local model = require "support.model.batch"

local UNITS <const> = 10000 -- in a USD

local function plan(steps)
  model.fresh()
  for _, ending in ipairs { "", "-wal", "-shm" } do os.remove(model.path() .. ending) end
  local jobs = {}
  for i, max_train_steps in ipairs(steps) do
    jobs[i] = { task_type = "subject", name = "job" .. i, images = "/photos/" .. i, size = 512,
      base_model = "v1-5-pruned-emaonly", instance_prompt = "a photo of ohwx",
      class_prompt = "person", max_train_steps = max_train_steps }
  end
  assert(batch { journal = model.path(), jobs = jobs }):close()
end

-- A service whose trainings cost a USD for 100 steps. They are billed `delay` seconds late, and one
-- more for each USD.
local function service_of(steps, delay)
  local service = model.service()
  service.income = 0
  function service:price_of(task)
    return steps[tonumber(task.name:match "job(%d)$")] / 100 * UNITS
  end
  function service:balance()
    local billed = 0
    for _, task in ipairs(self.tasks) do
      local price = self:price_of(task)
      billed = billed + (task.at + delay + price / UNITS <= self.now and price or 0)
    end
    return 1000000 + self.income - billed
  end
  function service:spent()
    local sum = 0
    for _, task in ipairs(self.tasks) do sum = sum + self:price_of(task) end
    return sum / UNITS
  end
  return service
end

local function run(service, samples)
  return model.run(service, { concurrency = 6, list_delay = model.GRACE, budget = 12,
    samples = samples })
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
    for at = killed_at, 400 do
      plan(steps)
      local service = service_of(steps, 0)
      service.crash_at = at
      run(service)
      local journal = assert(journals.view(model.path()))
      local payment = journal:unpriced_payment()
      journal:close()
      if payment and payment.state == "made" then
        service.crash_at, killed_at = nil, at
        return service
      end
    end
    error "no payment was made"
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
