--- Texts of the commands about the files of a batch's models.

local json = require "novita.cli.json"
local texts = require "novita.batch.models.texts"

local kept_models = {}

-- The models that are to be kept and are not, and whether the next run must be asked for one: it
-- was damaged, or is away with its folder.
local function missing_of(batch)
  local list, asks = json.list {}, false
  for job in batch:jobs { models = true } do
    list[#list + 1] = { name = job.name, model_name = job.model_name, state = job.model_state,
      reason = texts.reason(job) }
    asks = asks or job.model_state ~= nil
  end
  return list, asks
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
  local missing, asks = missing_of(batch)
  if missing[1] then
    ui:say(("%s: novita resume %s%s"):format(texts.text(#missing), file,
      asks and " --retry models" or ""))
  end
  return missing
end

return kept_models
