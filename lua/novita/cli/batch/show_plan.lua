--- Shows what a run would do. Uploads, pays and changes nothing.

local batch_options = require "novita.cli.batch.options"
local exit_status = require "novita.cli.exit_status"
local interruptible = require "novita.cli.interruptible"
local json = require "novita.cli.json"
local money = require "novita.batch.payment.money"
local plan_text = require "novita.batch.plan_text"
local planned_copy = require "novita.cli.batch.planned_copy"
local warnings = require "novita.cli.batch.warnings"

local BALANCE_MOST <const> = 10 -- seconds that a dry run waits for the balance
local INTERRUPTED <const> = "interrupted; nothing was uploaded or paid for"

-- A service that does not respond causes only a warning.
local function balance_of(ui, client)
  local balance, err = interruptible(ui, function()
    return client.account:balance(BALANCE_MOST)
  end, INTERRUPTED)
  if balance then
    ui:print("%.4f USD available", balance.usd)
  else
    ui:warn(err)
  end
  return balance
end

-- In USD, as everywhere outside the journal.
local function prices_of(plan)
  local list = {}
  for i, price in ipairs(plan.prices) do
    list[i] = { title = price.title, trainings = price.trainings,
      usd = price.units and money.usd(price.units),
      uncertain = price.uncertain and money.usd(price.uncertain), seen_at = price.seen_at,
      verified = price.verified }
  end
  return list
end

local function result_of(plan, balance)
  for _, line in ipairs(plan.lines) do
    for _, name in ipairs { "warnings", "skipped", "findings", "notes", "crops" } do
      json.list(line[name])
    end
  end
  return { jobs = plan.jobs, to_pay = plan.to_pay, images = plan.images, paid = plan.paid,
    unclear = plan.unclear, problems = plan.problems, balance = balance, spent = plan.spent,
    prices = json.list(prices_of(plan)), lines = json.list(plan.lines),
    models_folder = plan.models and plan.models.folder, budget = plan.budget,
    samples = plan.samples, samples_to_order = plan.samples_to_order }
end

local function show(ui, client, batch, arguments)
  for _, text in ipairs(batch.notes) do
    ui:say(ui:reworded(text))
  end
  local plan = assert(interruptible(ui, function()
    return exit_status.checked(batch.dry_run, batch, batch_options.of(arguments))
  end, INTERRUPTED))
  if client then
    warnings.of_batch(ui, batch, client)
  end
  for text in (plan_text(plan, arguments.verbose) .. "\n"):gmatch "(.-)\n" do
    ui:print("%s", ui:reworded(text))
  end
  warnings.of_samples(ui, plan)
  warnings.of_budget(ui, plan)
  local balance = client and balance_of(ui, client)
  ui:print "nothing was uploaded or paid for"
  ui:result(result_of(plan, balance))
  return plan.problems > 0 and exit_status.failed or exit_status.ok
end

---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions
---@param before? fun(batch: novita.Batch) called before the plan is made
---@return integer status
return function(ui, arguments, written, before)
  return planned_copy.use(ui, arguments, written, function(batch, client)
    if before then
      before(batch)
    end
    return show(ui, client, batch, arguments)
  end, true)
end
