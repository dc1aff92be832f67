--- novita resume

local batch_options = require "novita.cli.batch_options"
local batch_run = require "novita.cli.batch_run"
local lfs = require "lfs"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"

local resume = {
  summary = "Go on with a batch that was stopped.",
  description = "Goes on with the jobs of a journal that have not ended. What was uploaded is not "
    .. "uploaded again, what was paid is found again and not paid twice.",
  examples = {
    { "novita resume run.db", "goes on" },
    { "novita resume run.db --dry-run", "what is left to do, and to pay" },
    { "novita resume run.db --retry failed --retry needs_review", "and tries those again" },
    { "novita resume run.db --abandon needs_review", "gives up what was parked, for good" },
  },
  interruptible = true,
}

local states = { "failed", "canceled", "needs_review" }

function resume.define(command)
  command:argument("journal", "The batch's file."):argname "<run.db>"
  command:option("--retry", "Try jobs in this state again; may be repeated."):choices(states)
    :count "*"
  command:option("--abandon", "Give jobs in this state up; may be repeated."):choices(states)
    :count "*"
  command:flag("--dry-run", "Show what would be done; send nothing.")
  batch_options.define(command)
  option.events(command)
  option.poll(command)
  option.account(command)
end

local function jobs(n, state)
  return ("%d %s job%s"):format(n, state, n == 1 and "" or "s")
end

local function again(ui, arguments)
  return function(batch)
    for _, state in ipairs(arguments.abandon) do
      ui:say("given up: " .. jobs(assert(batch:abandon(state)), state))
    end
    for _, state in ipairs(arguments.retry) do
      ui:say("tried again: " .. jobs(assert(batch:retry(state)), state))
    end
  end
end

function resume.run(arguments, ui)
  if not lfs.attributes(arguments.journal, "mode") then
    exit_status.wrong("there is no journal %s", arguments.journal)
  end
  local written, before = { file = arguments.journal }, again(ui, arguments)
  if arguments.dry_run then
    return batch_run.show_plan(ui, written, before)
  end
  return batch_run.run(ui, arguments, written, before)
end

return resume
