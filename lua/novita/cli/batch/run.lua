--- Runs a batch and shows its progress: `train`, `batch`, `resume`.

local account = require "novita.cli.account"
local batch_options = require "novita.cli.batch.options"
local batch_view = require "novita.cli.batch.view"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local conclude = require "novita.cli.batch.conclusion"
local exit_status = require "novita.cli.exit_status"
local groups = require "novita.async.group"
local open_batch = require "novita.batch"
local pause = require "novita.cli.pause"
local scheduler = require "novita.async.scheduler"
local stages = require "novita.batch.stages"

local batch_run = {}

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

--- Opens the journal, plans the jobs, and runs until all have ended or a signal arrives.
---@param ui novita.cli.Ui
---@param arguments table of the command
---@param written novita.BatchOptions without the client
---@param before? fun(batch: novita.Batch) called before the run
---@return integer status
function batch_run.run(ui, arguments, written, before)
  local options = batch_options.of(arguments)
  local client <close> = account.open(arguments, ui)
  written.client = client
  local batch <close> = batch_run.open(ui, written)
  if batch.added > 0 then
    ui:note(("%s planned in %s"):format(stages.jobs(batch.added), ui:safe(written.journal)))
  end
  if before then
    before(batch)
  end
  confirm_payment.check_renamed(ui, batch)
  confirm_payment.check_shown(ui, batch)
  local summary, err = batch_run.work(ui, batch, options, batch_view.open(ui))
  if not summary then
    say_left(ui, batch, err)
    error(err, 0)
  end
  return conclude(ui, batch, summary)
end

return batch_run
