--- novita batch

local base_model = require "novita.cli.base_model"
local batch_options = require "novita.cli.batch.options"
local batch_run = require "novita.cli.batch.run"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local exit_status = require "novita.cli.exit_status"
local headings = require "novita.cli.headings"
local lfs = require "lfs"
local option = require "novita.cli.option"
local show_plan = require "novita.cli.batch.show_plan"
local training_params = require "novita.cli.training_params"
local warnings = require "novita.cli.batch.warnings"

local batch = {
  description = "Trains one model for each job of a plan: a folder of folders, a .json or a .csv "
    .. "file. A journal records every step: you can kill it at any moment and resume with the "
    .. "same journal. Nothing is lost, and nothing is paid for twice. Ctrl-C stops gracefully; a "
    .. "second Ctrl-C stops at once.",
  examples = {
    { "novita batch people/ run.db --prompt 'a photo of ohwx person'",
      "train a model for each folder" },
    { "novita batch jobs.csv run.db --dry-run", "show what it would do; pay nothing" },
    { "novita batch jobs.json run.db --max-jobs 20 --samples out \\\n"
      .. "      --samples-prompt 'ohwx person in the snow'",
      "refuse more than 20 jobs; generate sample images" },
  },
  interruptible = true,
}

function batch.define(command)
  command:argument("plan", "A folder of folders, a .json or a .csv file."):argname "<plan>"
  command:argument("journal", "The batch's file; created if it does not exist. Or the "
    .. "postgresql:// URI of a database that several machines share.")
    :argname "<run.db>"
  training_params.define(command)
  batch_options.define_dry_run(command, "Check everything, show the plan and the balance; pay "
    .. "nothing.")
  batch_options.define(command)
  batch_options.define_changed(command, "Pay again for jobs that have changed.")
  headings.begin(command, "Run")
  command:option("--max-jobs", "Refuse a plan with more jobs than this."):argname("<count>")
    :convert(option.integer(1))
  option.events(command)
  option.poll(command)
  option.account(command)
end

function batch.run(arguments, ui)
  local written = {
    journal = arguments.journal,
    jobs = arguments.plan,
    defaults = training_params.of(arguments),
    max_jobs = arguments.max_jobs,
    again = arguments.again,
    replace = arguments.replace,
  }
  local is_folder = lfs.attributes(arguments.plan, "mode") == "directory"
  ui.both_names = not is_folder
  if is_folder then -- a file has prompts for its jobs
    training_params.need_prompt(written.defaults)
  end
  base_model.check(ui, arguments)
  if arguments.dry_run then
    return show_plan(ui, arguments, written)
  end
  confirm_payment.prepare(ui, arguments)
  if not confirm_payment.of_batch(ui, arguments, written) then
    return exit_status.failed
  end
  return batch_run.run(ui, arguments, written, function(planned)
    warnings.of_batch(ui, planned, planned.client)
  end)
end

return batch
