--- A question before something is paid for: once, of a person at a terminal, if a check has found
--- something. A program, a pipe and a run in the background are never asked.

local batch_options = require "novita.cli.batch.options"
local counted = require "novita.base.counted"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local finding_lines = require "novita.batch.finding_lines"
local interruptible = require "novita.cli.interruptible"
local journals = require "novita.batch.journal"
local money = require "novita.batch.payment.money"
local names_text = require "novita.batch.names"
local planned_copy = require "novita.cli.batch.planned_copy"
local stages = require "novita.batch.stages"
local warnings = require "novita.cli.batch.warnings"

local JOBS_MOST <const> = 20 -- whose photos are checked before the question
local FINDINGS_MOST <const> = 3 -- of one job among many
local STOPPED <const> = "nothing was uploaded or paid for"

local confirm_payment = {}

--- Finds out whether a person can be asked. Call it before anything warns.
---@param ui novita.cli.Ui
---@param arguments table of the command
function confirm_payment.prepare(ui, arguments)
  ui.planned_since = os.time()
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

-- The lines about one job: those of the only one of a run do not name it, as those of that run.
local function warnings_of(line, is_only)
  local texts = table.move(line.warnings, 1, #line.warnings, 1, {})
  texts[#texts + 1] = line.left_out
  local found = is_only and line.findings or finding_lines(line.name, line.findings, FINDINGS_MOST)
  return table.move(found, 1, #found, #texts + 1, texts)
end

local function warn(ui, plan, is_only)
  for _, line in ipairs(plan.lines) do
    local is_asked = stages.is_unpaid(line.stage) and not line.problem
    for _, text in ipairs(is_asked and warnings_of(line, is_only) or {}) do
      ui:warn(text)
    end
  end
end

-- "1 training, 1.0000 USD (+/- 0.0001)", if all prices were seen.
local function trainings_text(plan)
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

-- Names the things that a run would pay for; nil: nothing.
local function amount(plan, most)
  local parts, left_out = {}, math.max(0, plan.to_pay - (most or plan.to_pay))
  if left_out > 0 then
    parts[1] = most > 0 and ("%d of %s"):format(most, counted(plan.to_pay, "training")) or nil
  elseif plan.to_pay > 0 then
    parts[1] = trainings_text(plan)
  end
  local samples = math.max(0, plan.samples_to_order - left_out) -- each training has its images
  parts[#parts + 1] = samples > 0 and "the sample images of " .. stages.jobs(samples) or nil
  return parts[1] and table.concat(parts, ", and ")
end

-- Counts the jobs of each name that are not paid for. Their keys have the paths of photos from the
-- folder of the journal, so those of a copy may be others.
local function unpaid_jobs(batch)
  local counts = {}
  for row in batch.journal:jobs { id = batch.only } do
    if stages.is_unpaid(row.stage) then
      counts[row.name] = (counts[row.name] or 0) + 1
    end
  end
  return counts
end

local function ask(ui, what)
  local where = ui.is_emulated and "(emulator) " or ""
  local agreed = ui:confirm(("%spay for %s, with these warnings?"):format(where, what))
  if not agreed then
    ui:say(STOPPED .. "; --yes does not ask")
  end
  return agreed
end

-- Checks the photos that would be paid for, and shows the warnings, which the run does not repeat.
-- Returns what would be paid for; nil: nothing, or there are too many jobs to ask.
local function check(ui, batch, options, refuse)
  if count_unpaid(batch) > JOBS_MOST then
    refuse()
    return nil
  end
  local plan = assert(interruptible(ui, function()
    return exit_status.checked(batch.dry_run, batch, options)
  end, "interrupted; " .. STOPPED))
  warn(ui, plan, batch.only ~= nil)
  warnings.of_samples(ui, plan)
  warnings.of_budget(ui, plan)
  ui.shown_jobs = unpaid_jobs(batch)
  return amount(plan, options.max_trainings)
end

-- If there was a warning, asks.
local function is_agreed(ui, what)
  ui.asks = false
  return not (what and next(ui.warned)) or ask(ui, what)
end

local function no_refusal() end

-- Nothing is paid for again where no person is asked. The copy of a database may be large, so its
-- jobs are checked when they are planned.
local function refuse_renamed(ui, arguments, written, change)
  if arguments.yes or arguments.again or arguments.max_trainings == 0 then
    return
  elseif journals.is_uri(written.journal) then
    ui.refuses_renamed = true
    return
  end
  planned_copy.use(ui, arguments, written, function(batch, client)
    if change then
      change(batch)
    end
    warnings.refuse_renamed(ui, batch, client)
  end)
end

--- Shows the warnings about what a run would pay for and, if there is one, asks; else says that it
--- pays. It uses a copy of the journal: after a no, or Ctrl-C, no training is planned that the next
--- command would pay for, and none is given up that was paid for.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@param change? fun(batch: novita.Batch) what the command changes before it runs
---@return boolean agreed
function confirm_payment.of_batch(ui, arguments, written, change)
  local options = batch_options.of(arguments) -- wrong ones are refused before the journal is read
  if not ui.asks then
    refuse_renamed(ui, arguments, written, change)
    return true
  end
  local what = planned_copy.use(ui, arguments, written, function(batch, client)
    if change then
      change(batch)
    end
    for _, text in ipairs(batch.notes) do
      ui:warn(text)
    end
    local refuse = warnings.of_batch(ui, batch, client)
    return check(ui, batch, options, arguments.again and no_refusal or refuse)
  end)
  local is_unusual = next(ui.warned) ~= nil
  if what and not is_unusual then
    ui:note("no warnings: paying for " .. what .. (ui.is_emulated and " (emulator)" or ""))
  end
  return is_agreed(ui, what)
end

--- Refuses jobs that were paid for under another name, if no person was asked about them.
---@param ui novita.cli.Ui
---@param batch novita.Batch of the run
function confirm_payment.check_renamed(ui, batch)
  if ui.refuses_renamed then
    warnings.refuse_renamed(ui, batch, batch.client)
  end
end

--- Refuses jobs that were planned while a person was asked about the others, such as that of a
--- folder that was added: they were not shown.
---@param ui novita.cli.Ui
---@param batch novita.Batch of the run
function confirm_payment.check_shown(ui, batch)
  local new = {}
  for name, count in pairs(ui.shown_jobs and unpaid_jobs(batch) or {}) do
    new[#new + 1] = count > (ui.shown_jobs[name] or 0) and name or nil
  end
  if new[1] then
    table.sort(new)
    error(errors.new { kind = "file", code = "changed", message = ("jobs came after the question, "
      .. "and were not shown: %s; nothing was paid for: run the same command again"):format(
      names_text(new)) }, 0)
  end
end

--- Asks about images, whose warnings are about the fields of the request.
---@param ui novita.cli.Ui
---@param texts string[] the warnings
---@param count integer of the images
---@return boolean agreed
function confirm_payment.of_images(ui, texts, count)
  if not ui.asks then
    return true
  end
  for _, text in ipairs(texts) do
    ui:warn(text)
  end
  return is_agreed(ui, counted(count, "image"))
end

return confirm_payment
