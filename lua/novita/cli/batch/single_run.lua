--- Trains one folder of photos: a batch of one job, shown as one training.

local account = require "novita.cli.account"
local batch_options = require "novita.cli.batch.options"
local batch_run = require "novita.cli.batch.run"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local follow = require "novita.cli.follow"
local forget = require "novita.batch.forget"
local job_end = require "novita.batch.job_end"
local lost = require "novita.batch.models.lost"
local model_states = require "novita.batch.journal.models"
local models = require "novita.batch.models.texts"
local money = require "novita.batch.payment.money"
local next_step = require "novita.cli.next_step"
local plan = require "novita.batch.plan"
local samples = require "novita.batch.samples"
local stages = require "novita.batch.stages"
local wait_command = require "novita.cli.wait_command"
local warnings = require "novita.cli.batch.warnings"

local single_run = {}

-- {====== the end ======

local function day(at)
  return at and os.date("%Y-%m-%d", math.floor(at)) or "an unknown day"
end

-- Says why a training that has ended is not started.
local function say_ended(ui, job)
  local name, on = ui:safe(job.name), day(job.ended_at)
  if job.stage == "serving" then
    ui:say(("%s was trained on %s: %s; --again to pay again"):format(name, on,
      ui:safe(job.model_name)))
  elseif forget.is_forgotten(job) then
    ui:say(("this training was removed from the journal on %s (novita forget); --again to pay "
      .. "again"):format(on))
  else
    ui:say(("%s ended on %s (%s); --again to pay again"):format(name, on, ui:safe(job.stage)))
  end
end

local function interrupted(ui, job)
  local text = "interrupted before anything was paid for; the same command continues"
  if job.task_id then
    text = ("interrupted; task %s continues at the service: the same command, or `%s`, waits for "
      .. "it"):format(job.task_id, wait_command(job.task_id, job.task_type))
  elseif job.stage == "submitting" then
    text = "interrupted; the training may exist: the same command looks for it before it pays"
  end
  local err = ui.interrupt:error(text)
  err.task_id = job.task_id
  return job.stage == "submitting" and errors.mark_ambiguous(err) or err
end

local function result_of(job)
  return { task_id = job.task_id, name = job.name, stage = job.stage, model_name = job.model_name,
    samples = job.samples, samples_state = job.samples_state, samples_error = job.samples_error,
    model_path = job.model_path, model_sha256 = job.model_sha256, model_state = job.model_state,
    model_error = job.model_error }
end

-- Says where the file of the model is, or why it is not kept.
local function status_of_model(ui, batch, job)
  local folder = batch.journal:models_folder()
  if not folder then
    ui:note(models.NOT_KEPT)
  elseif model_states.is_missing(job, folder) then
    ui:say(("the model is not kept: %s; novita resume %s%s"):format(ui:safe(models.reason(job)),
      ui:shell_word(batch.journal.path), job.model_state and " --retry models" or ""))
    return exit_status.failed
  elseif job.model_path then
    ui:print("model: %s", job.model_path)
  end
  return exit_status.ok
end

-- The model serves; its sample images may be missing.
local function status_of_samples(ui, batch, job)
  local state = job.samples_state
  if not samples.is_missing(state) then
    return exit_status.ok
  end
  ui:say(("sample images are missing: %s; novita resume %s%s"):format(
    ui:safe(samples.reason(job)), ui:shell_word(batch.journal.path),
    samples.retryable[state] and " --retry samples" or ""))
  return state == "submitting" and exit_status.ambiguous or exit_status.failed
end

local function left(ui, job, no_wait, budget)
  if no_wait and job.task_id then
    ui:print("submitted: %s", job.task_id)
  elseif ui.interrupt.signal then
    error(interrupted(ui, job), 0)
  else
    ui:say(("%s is not paid for: %s"):format(ui:safe(job.name), budget and budget.exhausted
      and "it needs a larger --budget" or "the same command continues"))
  end
  ui:result(result_of(job))
  return exit_status.ok
end

local function ended_error(job)
  local err = job_end.error(job)
  if job.stage == "needs_review" then
    errors.reword(err, err.message .. "; if it is not there, --again pays")
  end
  return err
end

-- A name is easier to read than a model. But it must name one training only, and no model.
local function name_of(batch, job)
  local count = 0
  for other in batch:jobs { name = job.name } do
    count = count + (other.model_name and 1 or 0)
  end
  local is_plain = job.name:find "^[%w_-]+$" and not job.name:find "^model_"
  return count == 1 and is_plain and job.name or job.model_name
end

-- The prompt of the training, also that of a preset, is a first prompt for an image.
local function prompt_of(job)
  return plan.training(job.params).partial_body.expert_setting.instance_prompt
end

local function conclude(ui, batch, job, no_wait, budget)
  if budget then
    ui:print("%s", money.budget(budget))
  end
  if not stages.is_final(job.stage) then
    return left(ui, job, no_wait, budget)
  elseif job.stage ~= "serving" then
    error(ended_error(job), 0)
  end
  ui:print("serving: %s", job.model_name)
  ui:result(result_of(job))
  local status = status_of_model(ui, batch, job)
  next_step.generate(ui, name_of(batch, job), prompt_of(job))
  return math.max(status, status_of_samples(ui, batch, job))
end

-- }======

-- {====== the run ======

-- The id is shown as soon as it is known. With --no-wait it is the result, and ends the run.
local function view_of(ui, job, no_wait)
  local show, shown, known = follow.view(ui, job.name), nil, job.task_id
  return {
    stopping = function()
      return known and ("stopping: task %s continues, and the same command waits for it; Ctrl-C "
        .. "again stops at once"):format(ui:safe(known)) or "stopping; Ctrl-C again stops at once"
    end,
    update = function(changed, run)
      for _, text in ipairs(changed.findings or {}) do
        ui:warn(text)
      end
      if changed.task_id and changed.task_id ~= known then
        known = changed.task_id
        if no_wait then
          run:cancel()
        else
          ui:note("submitted: " .. ui:safe(known))
        end
      end
      shown = changed
      show(shown)
    end,
    tick = function()
      if ui.board and shown then
        show(shown)
      end
    end,
  }
end

-- Whether a run has something to do, as the options or the journal say.
local function needs_run(batch, job, options, no_wait)
  if stages.is_final(job.stage) then
    local state = job.samples_state
    local folder = options.models or batch.journal:models_folder()
    local wanted = options.samples or not options.no_samples and batch.journal:sample_options()
    return job.stage == "serving"
      and (state == "planned" or state == "generating" or not state and wanted
        or folder and (not job.model_state or lost.find(batch.journal, folder)[job.id] ~= nil))
  end
  return not (no_wait and job.task_id)
end

local function work(ui, batch, job, options, no_wait)
  local view = view_of(ui, job, no_wait)
  local summary, err = batch_run.work(ui, batch, options, view)
  if not summary then
    error(err, 0)
  end
  return lost.jobs(batch.journal, { id = job.id })(), summary.budget
end

--- For a dry run: picks the job that `run` would.
---@param arguments table of the command
---@return fun(batch: novita.Batch)
function single_run.claim(arguments)
  return function(batch)
    assert(batch:claim(arguments.again))
  end
end

--- Trains the folder, or continues or shows what an earlier run of the same command has done.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@return integer status
function single_run.run(ui, arguments, written)
  local options = batch_options.of(arguments)
  local client <close> = account.open(arguments, ui)
  written.client = client
  local batch <close> = batch_run.open(ui, written)
  local job, if_not_listed = batch:claim(arguments.again, options.same_account)
  if not job then
    error(if_not_listed, 0)
  end
  options.if_not_listed = if_not_listed or options.if_not_listed
  if stages.is_final(job.stage) then
    say_ended(ui, job)
  end
  warnings.of_batch(ui, batch, client)
  confirm_payment.check_renamed(ui, batch)
  local budget
  if needs_run(batch, job, options, arguments.no_wait) then
    job, budget = work(ui, batch, job, options, arguments.no_wait)
  end
  return conclude(ui, batch, job, arguments.no_wait, budget)
end

-- }======

return single_run
