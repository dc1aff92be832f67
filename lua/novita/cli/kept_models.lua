--- Texts of the commands about the files of a batch's models.

local json = require "novita.cli.json"
local space = require "novita.batch.models.space"
local stages = require "novita.batch.stages"
local texts = require "novita.batch.models.texts"

local kept_models = {}

-- The job by whose settings the models that are not there yet are estimated.
local function first_unpaid(batch)
  return batch.journal:next(stages.unpaid, 0)
end

--- The line of a plan.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param folder? string of the command
---@param plan novita.batch.Plan
function kept_models.say_plan(ui, batch, folder, plan)
  folder = folder or batch.journal:models_folder()
  if not folder then
    return ui:print("%s", texts.NOT_KEPT)
  end
  local count, first = plan.to_pay + plan.unclear, first_unpaid(batch)
  local size = batch.journal:largest_model() or first and space.estimate(first.params) or 0
  local free = space.free(folder)
  ui:print("models: kept in %s%s%s", folder, count > 0 and size > 0
    and (", where they need about %s"):format(space.text(count * size)) or "",
    free and (" of %s free"):format(space.text(free)) or "")
end

-- The models that are to be kept and are not, and whether one of them was damaged.
local function missing_of(batch)
  local list, damaged = json.list {}, false
  for job in batch:jobs { models = true } do
    list[#list + 1] = { name = job.name, model_name = job.model_name, state = job.model_state,
      reason = texts.reason(job) }
    damaged = damaged or job.model_state == "failed"
  end
  return list, damaged
end

--- The lines at the end of a run.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param summary novita.BatchSummary
---@param file string the journal as a word of a command
---@return table[] missing models
function kept_models.conclude(ui, batch, summary, file)
  local folder = batch.journal:models_folder()
  if not folder then
    if (summary.counts.serving or 0) > 0 then
      ui:note(texts.NOT_KEPT)
    end
    return json.list {}
  end
  if summary.models_kept > 0 then
    ui:note(("models: %d kept in %s"):format(summary.models_kept, ui:safe(folder)))
  end
  local missing, damaged = missing_of(batch)
  if missing[1] then
    ui:say(("%s: novita resume %s%s"):format(texts.text(#missing), file,
      damaged and " --retry models" or ""))
  end
  return missing
end

return kept_models
