--- Trainings of several prices in the model of the service: a USD for 100 steps.

local batch = require "novita.batch"
local journals = require "novita.batch.journal"
local model = require "support.model.batch"

local prices = { UNITS = 10000 } -- in a USD

--- A new journal with a job for each number of steps.
---@param steps integer[]
function prices.plan(steps)
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

--- A service that bills `delay` seconds late, and one more for each USD. Its field `income` is what
--- has come into the account.
---@param steps integer[]
---@param delay number
function prices.service(steps, delay)
  local service = model.service()
  service.income = 0
  function service:price_of(task)
    return steps[tonumber(task.name:match "job(%d)$")] / 100 * prices.UNITS
  end
  function service:balance()
    local billed = 0
    for _, task in ipairs(self.tasks) do
      local price = self:price_of(task)
      billed = billed + (task.at + delay + price / prices.UNITS <= self.now and price or 0)
    end
    return 1000000 + self.income - billed
  end
  function service:spent()
    local sum = 0
    for _, task in ipairs(self.tasks) do sum = sum + self:price_of(task) end
    return sum / prices.UNITS
  end
  return service
end

--- Runs the batch.
---@param service table
---@param budget number USD
---@param samples? table the option
function prices.run(service, budget, samples)
  return model.run(service, { concurrency = 6, list_delay = model.GRACE, budget = budget,
    samples = samples })
end

-- Whether the journal has the response to the last payment.
local function is_made(task)
  local journal <close> = setmetatable({ book = assert(journals.view(model.path())) },
    { __close = function(self) self.book:close() end })
  local payment = journal.book:last_payment(tonumber(task.name:match "job(%d)$"), "training")
  return payment and payment.state == "made"
end

--- Runs the batch until right after its next payment, before it knows the price.
---@param service table
---@param budget number USD
---@param from? integer the point at which the search begins
---@return integer at the point
function prices.killed(service, budget, from)
  local before, copy = #service.tasks, model.copy()
  local points, now = service.points, service.now
  for at = from or 1, 400 do
    service.points, service.now, service.crash_at = points, now, points + at
    for i = #service.tasks, before + 1, -1 do service.tasks[i] = nil end
    model.restore(copy)
    prices.run(service, budget)
    if #service.tasks > before and is_made(service.tasks[before + 1]) then
      service.crash_at = nil
      return at
    end
  end
  error "no payment was made"
end

return prices
