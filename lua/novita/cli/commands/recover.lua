--- novita recover

local account = require "novita.cli.account"
local ascii = require "novita.base.ascii"
local counted = require "novita.base.counted"
local exit_status = require "novita.cli.exit_status"
local folders = require "novita.batch.folder"
local headings = require "novita.cli.headings"
local option = require "novita.cli.option"
local training_params = require "novita.cli.training_params"

local recover = {
  description = "Makes the journal of a batch again, from the service's list of trainings and from "
    .. "the folders or the plan. Give the same options as for the command that paid: the trainings "
    .. "are found by the name and the settings of each job, wherever the photos are now. Nothing "
    .. "is paid for. `novita resume` then waits for what is found, and pays for the rest. A "
    .. "journal with which nothing was paid for is replaced.\n\n"
    .. "Without a plan, the journal gets the id of the batch only. That is enough for a script "
    .. "whose client had the journal.",
  examples = {
    { "novita recover people/ --prompt 'a photo of ohwx person'",
      "rebuild people.db of `novita train people/`" },
    { "novita recover jobs.csv --journal run.db",
      "rebuild run.db of `novita batch jobs.csv run.db`" },
    { "novita recover --journal run.db --batch 1a2b3c4d", "rebuild the journal of a script" },
  },
}

function recover.define(command)
  command:argument("plan", "A folder of photos or of folders, a .json or a .csv file.")
    :argname("<plan>"):args "?"
  training_params.define(command)
  headings.begin(command, "Most used")
  command:option("--name", "The model's name, if it was given."):argname "<name>"
  command:option("--journal", "The new file. Default: the folder's path, ending in .db. Or the "
    .. "postgresql:// URI of a database without jobs.")
    :argname "<run.db>"
  command:option("--batch", "The batch's id, if the list has several."):argname "<id>"
  option.account(command)
end

local function journal_of(arguments)
  local path = arguments.plan
  local ending = path and ascii.lower(path):match "%.%a+$"
  if arguments.journal then
    return arguments.journal
  elseif not path or ending == ".json" or ending == ".csv" then
    exit_status.wrong "--journal is missing: which file was lost?"
  end
  return folders.journal(path)
end

local function say(ui, journal, found)
  ui:print("batch %s: %d of %d jobs have a training, of %s in the list", found.batch, found.found,
    found.jobs, counted(found.tasks, "training"))
  if found.jobs > 0 then
    local file = ui:shell_word(journal)
    if found.found > 0 then
      ui:say "the jobs with a training are `unknown`: the next run asks the service about each"
    end
    ui:say(("novita resume %s --dry-run shows what would be paid for, and novita resume %s "
      .. "continues"):format(file, file))
  end
end

function recover.run(arguments, ui)
  local journal = journal_of(arguments)
  local client <close> = account.open_brief(arguments, ui)
  local found, err = require "novita.batch.recover" {
    journal = journal,
    client = client,
    jobs = arguments.plan,
    defaults = arguments.plan and training_params.of(arguments),
    batch = arguments.batch,
  }
  if not found then
    error(err, 0)
  end
  say(ui, journal, found)
  found.journal = journal
  ui:result(found)
  return exit_status.ok
end

return recover
