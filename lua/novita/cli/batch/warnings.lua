--- The warnings that a person should see before the jobs of a batch are paid for.

local beside = require "novita.batch.journal.beside"
local check_photos = require "novita.batch.check_photos"
local counted = require "novita.base.counted"
local errors = require "novita.base.error"
local families = require "novita.forms.families"
local money = require "novita.batch.payment.money"
local names_text = require "novita.batch.names"
local same_photos = require "novita.batch.same_photos"

local warnings = {}

-- Photos that came or went since a job was paid for do not make it another job.
local function warn_of_changed(ui, batch)
  local changed = check_photos.changed_jobs(batch.journal, batch.only)
  if changed[1] then
    ui:warn("photos have changed since their training: " .. names_text(changed))
  end
end

-- Finds trainings that were paid for under another name.
local function find_renamed(ui, batch, client)
  local journal = batch.journal
  local others, left_out = beside.journals(journal.shown_path)
  local earlier, searched = same_photos.find(journal, batch.only, client.base_url, others)
  if searched and left_out > 0 then
    ui:note(ui:safe(beside.limit_text(journal.shown_path, left_out)))
  end
  for _, found in ipairs(earlier) do
    found.text = ("%s has the same photos and settings as %s, which was paid for (%s)"):format(
      found.name, found.before, found.journal)
  end
  return earlier
end

-- Jobs of one plan may have the same photos on purpose, and an earlier run may have begun with a
-- job: these are continued, so that a run that was killed needs no person.
local function is_new(ui, found)
  if found.begun then
    return false
  elseif found.earlier_at then
    return found.planned_at > found.earlier_at
  end
  return found.planned_at >= ui.planned_since
end

-- The first finding, and how many jobs have one: several journals may have the training of one job.
local function new_ones(ui, earlier)
  local first, count, seen = nil, 0, {}
  for _, found in ipairs(earlier) do
    if is_new(ui, found) and not seen[found.name] then
      first, count, seen[found.name] = first or found, count + 1, true
    end
  end
  return first, count
end

local function refuse(ui, earlier)
  local first, count = new_ones(ui, earlier)
  if first then
    local more = count > 1 and (" (the same is true of %s)"):format(
      counted(count - 1, "other job")) or ""
    error(errors.new { kind = "journal", code = "other_name", message = ("%s%s; nothing was paid: "
      .. "to continue that training, call the folder %s; --again, or --yes, pays again"):format(
      first.text, more, first.before) }, 0)
  end
end

--- Refuses to pay for trainings that were paid for under another name. For commands that cannot
--- ask a person.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param client novita.Client of the run
function warnings.refuse_renamed(ui, batch, client)
  refuse(ui, find_renamed(ui, batch, client))
end

--- Warns of photos that have changed, and of trainings that have another name.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param client novita.Client of the run
---@return fun() refuse_renamed refuses the latter
function warnings.of_batch(ui, batch, client)
  warn_of_changed(ui, batch)
  local renamed = find_renamed(ui, batch, client)
  for _, found in ipairs(renamed) do
    ui:warn(("%s: this pays again; to continue that training, call the folder %s"):format(
      found.text, found.before))
  end
  return function()
    refuse(ui, renamed)
  end
end

--- Warns of the only payment that may exceed a budget: the first one of its kind shows its price.
---@param ui novita.cli.Ui
---@param plan novita.batch.Plan
function warnings.of_budget(ui, plan)
  local left = plan.budget and money.units(plan.budget) - money.units(plan.spent) or 0
  for _, price in ipairs(left > 0 and plan.prices or {}) do
    if not price.verified then
      ui:warn(money.unknown_price(price.title, left))
    end
  end
end

--- Warns of sample images whose checkpoint is of another family: they show nothing of the model.
---@param ui novita.cli.Ui
---@param plan novita.batch.Plan
function warnings.of_samples(ui, plan)
  local said = {}
  for _, line in ipairs(plan.samples and plan.lines or {}) do
    local why = line.base_model and families.mismatch(line.base_model, plan.samples.model_name)
    if why and not said[why] then
      said[why] = true
      ui:warn("sample images: " .. why)
    end
  end
end

return warnings
