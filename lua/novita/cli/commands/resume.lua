--- novita resume

local batch_options = require "novita.cli.batch.options"
local batch_run = require "novita.cli.batch.run"
local confirm_payment = require "novita.cli.batch.confirm_payment"
local counted = require "novita.base.counted"
local lfs = require "lfs"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"
local show_plan = require "novita.cli.batch.show_plan"
local stages = require "novita.batch.stages"

local resume = {
  description = "Continues the jobs of a journal that have not ended. Photos already uploaded are "
    .. "not uploaded again, and paid trainings are found again and not paid for twice.",
  examples = {
    { "novita resume run.db", "continue the batch" },
    { "novita resume run.db --dry-run", "show what is left to do and to pay for" },
    { "novita resume run.db --retry failed --retry needs_review",
      "and retry failed jobs and those that need review" },
    { "novita resume run.db --retry samples",
      "order sample images again that failed or may have been billed" },
    { "novita resume run.db --models models/", "keep the files of its models in models/" },
    { "novita resume run.db --abandon needs_review", "give up jobs that need review, for good" },
  },
  interruptible = true,
}

local changeable = { table.unpack(stages.unsuccessful) }
table.move({ "samples", "models" }, 1, 2, #changeable + 1, changeable)

function resume.define(command)
  command:argument("journal", "The batch's file, or its postgresql:// URI."):argname "<run.db>"
  command:option("--retry", "Retry jobs in this stage, or sample images, or models that are not "
    .. "kept; may be repeated."):choices(changeable):count "*"
  command:option("--abandon", "Give up jobs in this stage, or sample images, or models that are "
    .. "not kept; may be repeated."):choices(changeable):count "*"
  batch_options.define_dry_run(command, "Show what it would do, and the balance; pay nothing.")
  batch_options.define(command)
  batch_options.define_again(command)
  option.events(command)
  option.poll(command)
  option.account(command)
end

local files = { samples = "sample images", models = "models" }

local function jobs(n, stage)
  if files[stage] then
    return ("%s of %s"):format(files[stage], stages.jobs(n))
  end
  return counted(n, stage .. " job")
end

local function filter_of(stage)
  return files[stage] and { [stage] = true } or { stage = stage }
end

-- Returns a function that changes the jobs of a batch, and calls `say(text)` for each option.
local function change_jobs(arguments, say)
  return function(batch)
    for _, stage in ipairs(arguments.abandon) do
      say("given up: " .. jobs(assert(batch:abandon(filter_of(stage))), stage))
    end
    for _, stage in ipairs(arguments.retry) do
      say("retried: " .. jobs(assert(batch:retry(filter_of(stage))), stage))
    end
  end
end

local function say_nothing() end

function resume.run(arguments, ui)
  local is_file = not arguments.journal:find "^postgres%l*://"
  if is_file and not lfs.attributes(arguments.journal, "mode") then
    exit_status.wrong("the journal %s does not exist", arguments.journal)
  end
  local written = { journal = arguments.journal, again = arguments.again }
  local change = change_jobs(arguments, function(text)
    ui:say(text)
  end)
  if arguments.dry_run then
    return show_plan(ui, arguments, written, change)
  end
  confirm_payment.prepare(ui, arguments)
  if not confirm_payment.of_batch(ui, arguments, written, change_jobs(arguments, say_nothing)) then
    return exit_status.failed
  end
  return batch_run.run(ui, arguments, written, change)
end

return resume
