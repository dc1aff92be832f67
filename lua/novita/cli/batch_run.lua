--- Runs a batch and shows its progress: `train`, `batch`, `resume`.

local account = require "novita.cli.account"
local batch_options = require "novita.cli.batch_options"
local batch_view = require "novita.cli.batch_view"
local catch_journal = require "novita.batch.catch_journal"
local families = require "novita.forms.families"
local groups = require "novita.async.group"
local journals_beside = require "novita.batch.journal.beside"
local json = require "novita.cli.json"
local kept_models = require "novita.cli.kept_models"
local key = require "novita.cli.key"
local lfs = require "lfs"
local check_photos = require "novita.batch.check_photos"
local errors = require "novita.base.error"
local exit_status = require "novita.cli.exit_status"
local interruptible = require "novita.cli.interruptible"
local money = require "novita.batch.payment.money"
local open_batch = require "novita.batch"
local names_text = require "novita.batch.names"
local next_step = require "novita.cli.next_step"
local pause = require "novita.cli.pause"
local plan_text = require "novita.batch.plan_text"
local same_photos = require "novita.batch.same_photos"
local samples = require "novita.batch.samples"
local scheduler = require "novita.async.scheduler"
local stages = require "novita.batch.stages"
local view_journal = require("novita.cli.journal").view

local batch_run = {}

local BALANCE_MOST <const> = 10 -- seconds that a dry run waits for the balance

-- {====== the run itself ======

local STOPPING <const> = "stopping: no new job starts; Ctrl-C again stops at once"

-- Runs beside the batch: checks for signals and updates the view.
local function attend(ui, run, view)
  local stopping
  while not run:done() do
    if ui.interrupt:check() and not stopping then
      stopping = true
      run:cancel()
      ui:say(view.stopping and view.stopping() or STOPPING)
    end
    view.tick(run:status())
    pause(ui.interrupt)
  end
end

-- Images cost money, so a run that orders them without the option says so.
local function note_samples(ui, batch, options)
  local samples_before = not options.samples and not options.no_samples
    and batch.journal:sample_options()
  if samples_before then
    ui:note(("sample images as before, in %s (--no-samples: none)"):format(
      ui:safe(samples_before.folder)))
  end
end

--- Runs a batch that is open, and shows it in a view.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param options novita.BatchRunOptions
---@param view novita.cli.BatchView
---@return novita.BatchSummary? summary
---@return novita.Error? err
function batch_run.work(ui, batch, options, view)
  note_samples(ui, batch, options)
  local run = exit_status.checked(batch.run, batch, options)
  local group <close> = groups.new(scheduler.own())
  local attendant = group:spawn(attend, ui, run, view)
  for job in run:updates() do
    view.update(job, run)
  end
  attendant:cancel()
  ui:close_board()
  return run:result()
end

-- }======

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

-- Says above the error what is left to do, unless the journal itself is the problem.
local function say_left(ui, batch, err)
  local status = err.kind ~= "journal" and batch:status()
  if status and status.ended < status.jobs then
    ui:say(("%s; to continue: novita resume %s"):format(stages.text(status.counts),
      ui:shell_word(batch.journal.path)))
  end
end

--- Opens the journal and plans the jobs. A signal ends the program at once: a plan may be long, and
--- it is stored completely or not at all.
---@param ui novita.cli.Ui
---@param written novita.BatchOptions
---@return novita.Batch
function batch_run.open(ui, written)
  local batch, err
  ui.interrupt:aside(function()
    batch, err = exit_status.checked(open_batch, written)
  end)
  if not batch then
    error(err, 0)
  end
  return batch
end

--- Warns of photos that came or went since a job was paid for: they do not make it another job.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param only? integer the id of the only job
function batch_run.warn_of_changed(ui, batch, only)
  local changed = check_photos.changed_jobs(batch.journal, only)
  if changed[1] then
    ui:warn("photos have changed since their training: " .. names_text(changed))
  end
end

--- Warns of trainings that were paid for under another name.
---@param ui novita.cli.Ui
---@param batch novita.Batch
---@param file? string the journal, if the batch has a copy of it
function batch_run.warn_of_renamed(ui, batch, file)
  local own = batch.journal.path
  local others = journals_beside(file or own)
  for _, found in ipairs(same_photos.find(batch.journal, batch.only, others)) do
    found.journal = found.journal == own and file or found.journal
    ui:warn(("%s has the same photos and settings as %s, which was paid for (%s): this pays again; "
      .. "to continue that training, call the folder %s"):format(found.name, found.before,
      found.journal, found.before))
  end
end

--- Opens the journal, plans the jobs, and runs until all have ended or a signal arrives.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@param before? fun(batch: novita.Batch, options: novita.BatchRunOptions): boolean? called before
--- the run; false: do not run
---@return integer status
function batch_run.run(ui, arguments, written, before)
  local options = batch_options.of(arguments)
  local client <close> = account.open(arguments, ui)
  written.client = client
  local batch <close> = batch_run.open(ui, written)
  if batch.added > 0 then
    ui:note(("%s planned in %s"):format(stages.jobs(batch.added), ui:safe(written.journal)))
  end
  if before and before(batch, options) == false then
    return exit_status.failed
  end
  local summary, err = batch_run.work(ui, batch, options, batch_view.open(ui))
  if not summary then
    say_left(ui, batch, err)
    error(err, 0)
  end
  return conclude(ui, batch, summary)
end

-- {====== dry run ======

local Scratch = {}
Scratch.__index = Scratch

function Scratch:__close()
  for _, ending in ipairs { "", ".lock", "-wal", "-shm" } do
    os.remove(self.path .. ending)
  end
end

-- The machines that have the photos of the jobs, which a copy in a file does not keep.
local function hosts_of(file)
  if file:find "^postgres%l*://" then
    local viewed <close> = view_journal(file)
    return viewed.rows:all_hosts()
  end
end

-- Copies the journal for the plan, so that the plan knows what is paid for and changes nothing.
local function scratch_of(file)
  local scratch = setmetatable({ path = os.tmpname() }, Scratch)
  if file:find "^postgres%l*://" or lfs.attributes(file, "mode") then
    local ok, err = require("novita.batch.journal").copy(file, scratch.path, true)
    if not ok then
      scratch:__close()
      error(err, 0)
    end
    scratch.hosts = hosts_of(file)
  end
  return scratch
end

local INTERRUPTED <const> = "interrupted; nothing was uploaded or paid for"

-- A journal whose trainings are elsewhere: the run would refuse it, and its plan would be wrong.
local function refuse_other_account(batch, client, arguments, file)
  local ok, err = catch_journal(batch.journal.belong_to, batch.journal, client,
    arguments.same_account)
  if not ok then
    local at, last = err.message:find(batch.journal.path, 1, true) -- a copy
    error(at and errors.reword(err, err.message:sub(1, at - 1) .. file .. err.message:sub(last + 1))
      or err, 0)
  end
end

-- Plans the jobs in a copy of the journal, and calls `use(batch)`.
local function with_copy(client, arguments, written, use)
  local file = written.journal
  local scratch <close> = scratch_of(file)
  written.journal = scratch.path
  local batch <close> = assert(exit_status.checked(open_batch, written))
  written.journal, batch.journal.hosts = file, scratch.hosts
  if client then
    refuse_other_account(batch, client, arguments, file)
  end
  return use(batch)
end

--- Calls `use(batch)` with a copy of the journal, in which the jobs are planned: what a person does
--- not agree to changes nothing.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@param use fun(batch: novita.Batch): any
---@return any
function batch_run.try(ui, arguments, written, use)
  local client <close> = account.open(arguments, ui)
  return with_copy(client, arguments, written, use)
end

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

-- Sample images with a checkpoint of another family show nothing of the model.
local function warn_of_samples(ui, plan)
  local said = {}
  for _, line in ipairs(plan.samples and plan.lines or {}) do
    local why = line.base_model and families.mismatch(line.base_model, plan.samples.model_name)
    if why and not said[why] then
      said[why] = true
      ui:warn("sample images: " .. why)
    end
  end
end

-- Prints the plan of a batch.
local function show(ui, client, batch, arguments)
  for _, text in ipairs(batch.notes) do
    ui:say(ui:safe(text))
  end
  local plan = assert(interruptible(ui, function()
    return exit_status.checked(batch.dry_run, batch, batch_options.of(arguments))
  end, INTERRUPTED))
  for text in (plan_text(plan, arguments.verbose) .. "\n"):gmatch "(.-)\n" do
    ui:print("%s", text)
  end
  warn_of_samples(ui, plan)
  local balance = client and balance_of(ui, client)
  ui:print "nothing was uploaded or paid for"
  for _, line in ipairs(plan.lines) do
    json.list(line.warnings)
    json.list(line.skipped)
    json.list(line.findings)
    json.list(line.notes)
    json.list(line.crops)
  end
  ui:result { jobs = plan.jobs, to_pay = plan.to_pay, images = plan.images, paid = plan.paid,
    unclear = plan.unclear, problems = plan.problems, balance = balance, spent = plan.spent,
    prices = json.list(prices_of(plan)), lines = json.list(plan.lines),
    models_folder = plan.models and plan.models.folder, budget = plan.budget,
    samples = plan.samples, samples_to_order = plan.samples_to_order }
  return plan.problems > 0 and exit_status.failed or exit_status.ok
end

--- Shows what a run would do. Uploads, pays and changes nothing.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions
---@param before? fun(batch: novita.Batch) called before the plan is made
---@return integer status
function batch_run.show_plan(ui, arguments, written, before)
  local client <close> = key.find(arguments.key_file) and account.open(arguments, ui) or nil
  return with_copy(client, arguments, written, function(batch)
    if before then
      before(batch)
    end
    return show(ui, client, batch, arguments)
  end)
end

-- }======

return batch_run
