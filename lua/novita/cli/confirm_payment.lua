--- A question before trainings are paid for: once, of a person at a terminal, if a check has found
--- something. A program, a pipe and a run in the background are never asked.

local counted = require "novita.base.counted"
local exit_status = require "novita.cli.exit_status"
local finding_lines = require "novita.batch.finding_lines"
local interruptible = require "novita.cli.interruptible"
local money = require "novita.batch.payment.money"
local stages = require "novita.batch.stages"

local JOBS_MOST <const> = 20 -- whose photos are checked before the question
local FINDINGS_MOST <const> = 3 -- of one job among many
local STOPPED <const> = "nothing was uploaded or paid for"

local confirm_payment = {}

--- Finds out whether a person can be asked. Call it before anything warns.
---@param ui novita.cli.Ui
---@param arguments table of the command
function confirm_payment.prepare(ui, arguments)
  ui.asks = not (arguments.yes or arguments.json) and ui:can_ask()
end

local function count_unpaid(batch)
  if batch.only then
    return 1
  end
  local count = 0
  for stage, jobs in pairs(assert(batch:status()).counts) do
    count = count + (stages.is_unpaid(stage) and jobs or 0)
  end
  return count
end

-- The lines about one job: those of the only one do not name it, as those of its run.
local function warnings_of(line, is_only)
  local texts = table.move(line.warnings, 1, #line.warnings, 1, {})
  texts[#texts + 1] = line.left_out
  local found = is_only and line.findings or finding_lines(line.name, line.findings, FINDINGS_MOST)
  return table.move(found, 1, #found, #texts + 1, texts)
end

local function warn(ui, plan)
  for _, line in ipairs(plan.lines) do
    local is_asked = stages.is_unpaid(line.stage) and not line.problem
    for _, text in ipairs(is_asked and warnings_of(line, #plan.lines == 1) or {}) do
      ui:warn(text)
    end
  end
end

-- "1 training, 1.0000 USD (+/- 0.0001)", if all prices were seen.
local function amount(plan)
  local units, uncertain = 0, 0
  for _, price in ipairs(plan.prices) do
    if not price.units then
      return counted(plan.to_pay, "training")
    end
    units, uncertain = units + price.units * price.trainings,
      uncertain + price.uncertain * price.trainings
  end
  return ("%s, %s"):format(counted(plan.to_pay, "training"),
    money.price { units = units, uncertain = uncertain })
end

local function ask(ui, plan)
  local agreed = ui:confirm(("pay for %s, with these warnings?"):format(amount(plan)))
  if not agreed then
    ui:say(STOPPED .. "; --yes does not ask")
  end
  return agreed
end

--- Checks the photos that would be paid for, and shows the warnings, which the run does not repeat.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param options novita.BatchRunOptions
---@return novita.batch.Plan? plan nil: there are too many jobs to ask
function confirm_payment.check(ui, batch, options)
  if count_unpaid(batch) > JOBS_MOST then
    ui.asks = false
    return nil
  end
  local plan = assert(interruptible(ui, function()
    return exit_status.checked(batch.dry_run, batch, options)
  end, "interrupted; " .. STOPPED))
  warn(ui, plan)
  ui.asks = false
  return plan
end

--- If there was a warning, asks; else says that it pays.
---@param ui novita.cli.Ui
---@param plan novita.batch.Plan
---@return boolean agreed
function confirm_payment.ask(ui, plan)
  if plan.to_pay > 0 and next(ui.warned) then
    return ask(ui, plan)
  elseif plan.to_pay > 0 then
    ui:note(("no warnings: paying for %s"):format(amount(plan)))
  end
  return true
end

return confirm_payment
