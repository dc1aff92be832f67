--- The warnings that a person should see before the jobs of a batch are paid for.

local check_photos = require "novita.batch.check_photos"
local families = require "novita.forms.families"
local beside = require "novita.batch.journal.beside"
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

-- Trainings that were paid for under another name.
local function warn_of_renamed(ui, batch, client)
  local journal = batch.journal
  local others, left_out = beside.journals(journal.shown_path)
  local earlier, searched = same_photos.find(journal, batch.only, client.base_url, others)
  if searched and left_out > 0 then
    ui:note(ui:safe(beside.limit_text(journal.shown_path, left_out)))
  end
  for _, found in ipairs(earlier) do
    ui:warn(("%s has the same photos and settings as %s, which was paid for (%s): this pays again; "
      .. "to continue that training, call the folder %s"):format(found.name, found.before,
      found.journal, found.before))
  end
end

--- Warns of photos that have changed, and of trainings that have another name.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param client novita.Client of the run
function warnings.of_batch(ui, batch, client)
  warn_of_changed(ui, batch)
  warn_of_renamed(ui, batch, client)
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
