--- The end of a batch: its counts, its failures, the command that continues, and the exit status.

local exit_status = require "novita.cli.exit_status"
local json = require "novita.cli.json"
local kept_models = require "novita.cli.batch.kept_models"
local money = require "novita.batch.payment.money"
local next_step = require "novita.cli.next_step"
local samples = require "novita.batch.samples"
local stages = require "novita.batch.stages"

local function failures_of(batch)
  local failures = json.list {}
  for _, stage in ipairs(stages.unsuccessful) do
    for job in batch:jobs { stage = stage } do
      failures[#failures + 1] = { name = job.name, stage = stage, error = job.error,
        task_id = job.task_id }
    end
  end
  return failures
end

-- The stages of the failures, each once, in their order.
local function stages_of(failures)
  local found = {}
  for _, failure in ipairs(failures) do
    if not found[failure.stage] then
      found[failure.stage], found[#found + 1] = true, failure.stage
    end
  end
  return found
end

local function suggest(ui, file, failed)
  ui:say(("see novita status %s; novita resume %s --retry %s"):format(file, file,
    table.concat(failed, " --retry ")))
  if failed.needs_review then
    ui:say(("if `novita list` does not have them, this pays: novita resume %s --retry needs_review "
      .. "--if-not-listed resubmit_anyway"):format(file))
  end
end

local function status_of(ui, failed, missing, incomplete)
  if ui.interrupt.signal then
    return exit_status[ui.interrupt.signal]
  elseif failed.needs_review or missing.submitting then
    return exit_status.ambiguous
  end
  return (failed[1] or missing[1] or incomplete) and exit_status.failed or exit_status.ok
end

local function missing_samples_of(batch)
  local list, states = json.list {}, {}
  for job in batch:jobs { samples = true } do
    list[#list + 1] = { name = job.name, state = job.samples_state, reason = samples.reason(job) }
    states[1], states[job.samples_state] = true, true
  end
  return list, states
end

-- Names the command that gets images that are missing.
local function say_missing(ui, file, missing, states)
  if missing[1] then
    local again = (states.submitting or states.failed) and " --retry samples" or ""
    ui:say(("%s: novita resume %s%s"):format(samples.text(#missing), file, again))
  end
end

---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param summary novita.BatchSummary
---@return integer status
local function conclude(ui, batch, summary)
  local sum, failures = stages.sum(summary.counts), failures_of(batch)
  local failed, file = stages_of(failures), ui:shell_word(batch.journal.path)
  local missing, missing_states = missing_samples_of(batch)
  ui:print("%s: %s", stages.jobs(sum.jobs), stages.text(summary.counts))
  local models_missing = kept_models.conclude(ui, batch, summary, file)
  ui:result { journal = batch.journal.path, batch = batch.id, counts = summary.counts, total = sum,
    stopped = summary.stopped, failures = failures, samples_missing = missing,
    models_folder = batch.journal:models_folder(), models_kept = summary.models_kept,
    models_missing = models_missing, budget = summary.budget }
  if summary.budget then
    ui:print("%s", money.budget(summary.budget))
  end
  say_missing(ui, file, missing, missing_states)
  if sum.open > 0 then
    local more = summary.budget and summary.budget.exhausted and " --budget USD, with a larger one"
    ui:say(("%s left: novita resume %s%s"):format(stages.jobs(sum.open), file, more or ""))
  elseif failed[1] then
    suggest(ui, file, failed)
  else
    next_step.report(ui, file)
  end
  local is_unknown = summary.budget and summary.budget.problem ~= nil
  return status_of(ui, failed, missing_states, models_missing[1] ~= nil or is_unknown)
end

return conclude
