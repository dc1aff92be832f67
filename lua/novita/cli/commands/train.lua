--- novita train

local base_model = require "novita.cli.base_model"
local batch_options = require "novita.cli.batch.options"
local batch_run = require "novita.cli.batch.run"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local exit_status = require "novita.cli.exit_status"
local folders = require "novita.batch.folder"
local headings = require "novita.cli.headings"
local lfs = require "lfs"
local option = require "novita.cli.option"
local paid_elsewhere = require "novita.cli.batch.paid_elsewhere"
local show_plan = require "novita.cli.batch.show_plan"
local single_run = require "novita.cli.batch.single_run"
local training_params = require "novita.cli.training_params"
local warnings = require "novita.cli.batch.warnings"

local train = {
  description = "Prepares and uploads the photos of a folder, trains a model from them and waits "
    .. "until it serves. This costs money, once: everything is checked before you pay, and a "
    .. "journal records every step. You can kill the command at any moment: typed again, it "
    .. "continues; and when the model serves, it shows the model and pays nothing.\n\n"
    .. "A folder of folders becomes a batch with one model per folder. {name} in a prompt stands "
    .. "for the folder's name.",
  examples = {
    { "novita train photos/anna --prompt 'a close photo of ohwx woman'", "train one model" },
    { "novita train people/ --prompt 'a photo of ohwx person'",
      "train a model for each folder in people/, with journal people.db" },
    { "novita train photos/anna --prompt '...' --dry-run", "show what it would do; pay nothing" },
    { "novita train photos/anna --prompt '...' --again", "train once more, and pay once more" },
    { "novita train van-gogh/ --task-type style --captions files --name vangogh", "train a style" },
    { "novita train photos/anna --preset face --set lora_r=64",
      "set any field of docs/training.md" },
  },
  interruptible = true,
}

function train.define(command)
  command:argument("folder", "1 to 50 photos, or folders of photos."):argname "<folder>"
  training_params.define(command)
  headings.begin(command, "Most used")
  command:option("--name", "The model's name. Default: the folder's."):argname "<name>"
  batch_options.define_dry_run(command, "Check everything, show the plan and the balance; pay "
    .. "nothing.")
  headings.begin(command, "Run")
  command:flag("--no-wait", "Exit when the training is submitted; see `novita wait`.")
  command:option("--journal", "The file that records every step. Default: the folder's path, "
    .. "ending in .db."):argname "<run.db>"
  command:option("--max-jobs", "Refuse more folders than this."):argname("<count>")
    :convert(option.integer(1))
  batch_options.define(command)
  batch_options.define_changed(command, "Pay for one more training, if this one has ended.")
  option.events(command)
  option.poll(command)
  option.account(command)
end

local function refuse_single_options(arguments)
  for _, name in ipairs { "name", "no_wait" } do
    if arguments[name] then
      exit_status.wrong("--%s is for one folder of photos, not for a folder of folders",
        (name:gsub("_", "-")))
    end
  end
end

-- The batch and the training of one folder have two journals, so both may pay.
local function warn_of_single(ui, parent, names)
  for _, name in ipairs(names) do
    local journal = folders.journal(parent:gsub("/*$", "/") .. name)
    if lfs.attributes(journal, "mode") == "file" then
      ui:warn(("%s: trained alone before (%s); the batch trains it again"):format(name, journal))
    end
  end
end

local function run_all(ui, arguments, written)
  return batch_run.run(ui, arguments, written, function(batch)
    warnings.of_batch(ui, batch, batch.client)
  end)
end

function train.run(arguments, ui)
  local names, err = folders.trainings(arguments.folder)
  if not names then
    error(err, 0)
  end
  local single, journal = not names[1], arguments.journal or folders.journal(arguments.folder)
  if not single then
    refuse_single_options(arguments)
    warn_of_single(ui, arguments.folder, names)
  end
  local written = {
    journal = journal,
    jobs = arguments.folder,
    defaults = training_params.of(arguments),
    max_jobs = arguments.max_jobs,
    again = arguments.again,
    replace = arguments.replace,
  }
  training_params.need_prompt(written.defaults)
  training_params.check(ui, written.defaults, arguments.folder)
  base_model.check(ui, arguments)
  local claim = single and single_run.claim(arguments) or nil
  if arguments.dry_run then
    return show_plan(ui, arguments, written, claim)
  end
  confirm_payment.prepare(ui, arguments)
  if not confirm_payment.of_batch(ui, arguments, written, claim) then
    return exit_status.failed
  end
  local ok, status = pcall(single and single_run.run or run_all, ui, arguments, written)
  if not ok then
    paid_elsewhere.say(ui, arguments, journal, status)
    error(status, 0)
  end
  return status
end

return train
