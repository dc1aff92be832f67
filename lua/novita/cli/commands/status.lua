--- novita status

local attention = require "novita.cli.attention"
local json = require "novita.cli.json"
local option = require "novita.cli.option"
local exit_status = require "novita.cli.exit_status"
local lost = require "novita.batch.models.lost"
local model_states = require "novita.batch.journal.models"
local models = require "novita.batch.models.texts"
local samples = require "novita.batch.samples"
local stages = require "novita.batch.stages"

local status_command = {
  description = "Reads the journal of a batch, even while it runs. Changes nothing and sends "
    .. "nothing.",
  examples = {
    { "novita status run.db", "show counts, and every job that does not serve" },
    { "novita status run.db --all", "show every job" },
    { "novita status run.db --watch", "watch until every job has ended" },
    { "novita status run.db --exit-status && echo good morning",
      "exit with 0 only if nothing failed or is left" },
    { "novita status postgresql://db.example.com/trainings", "the jobs and runners of a fleet" },
    { "novita status run.db --json", "print JSON; with --events, each change too" },
  },
  interruptible = true,
}

function status_command.define(command)
  command:argument("journal", "The batch's file, or its postgresql:// URI."):argname "<run.db>"
  command:flag("--all", "Show every job, including those that serve.")
  command:flag("--watch", "Watch until every job has ended, with its sample images, or Ctrl-C; "
    .. "then show the status.")
  command:flag("--exit-status", "Exit with 0 only if every job serves, or was given up, with the "
    .. "models and images that were asked for; with 3 if something may have been paid for unseen, "
    .. "and with 1 otherwise. Without it, the exit status is 0 if the status could be shown.")
  option.events(command)
end

local function facts_of(job, minutes)
  return {
    name = job.name,
    task_name = job.task_name,
    stage = job.stage,
    task_id = job.task_id,
    model_name = job.model_name,
    images = job.images,
    error = job.error,
    samples = job.samples and json.list(job.samples),
    samples_state = job.samples_state,
    samples_error = job.samples_error,
    model_path = job.model_path,
    model_sha256 = job.model_sha256,
    model_state = job.model_state,
    model_error = job.model_error,
    ended_at = job.ended_at,
    quiet_minutes = minutes,
  }
end

local function show(ui, job, minutes)
  local detail = job.model_name or job.error and job.error.message or job.task_id or ""
  local quiet = minutes and ("  (%s)"):format(attention.quiet_text(minutes)) or ""
  ui:print("%-10s %-24s %s%s", job.stage, job.name, detail, quiet)
end

-- Says what to do about the failures, each reason once.
local function show_failures(ui, rows)
  local file = ui:shell_word(rows.path)
  local groups = attention.failures(rows:jobs(), "novita resume " .. file)
  for _, group in ipairs(groups) do
    ui:print("%s", attention.heading(group))
    ui:print("  %s", group.advice)
    group.rows = nil
    json.list(group.jobs)
  end
  return json.list(groups)
end

-- Jobs stand still without a process that works on them.
local function show_idle(ui, rows, quiet)
  if quiet and rows:is_busy() == false then
    ui:print("no process works on %s: `novita resume %s` continues it", rows.path,
      ui:shell_word(rows.path))
  end
end

-- Shows the runners of a journal that several share. One that is not seen for a whole lease is
-- dead: others take its jobs over.
local function show_runners(ui, rows)
  local runners = json.list {}
  for i, row in ipairs(rows:runners()) do
    local dead = row.age > row.lease
    local state = dead and "dead" or row.drain ~= 0 and "ending" or "runs"
    ui:print("%-10s %-24s %s, process %d, %s; seen %.0f s ago", "runner", row.id, row.host,
      row.process, state .. " " .. stages.jobs(row.jobs), row.age)
    runners[i] = { id = row.id, host = row.host, process = row.process, state = state,
      jobs = row.jobs, seen_seconds = row.age, started_at = row.started_at,
      version = row.version }
  end
  return runners
end

-- Shows which models and sample images are missing, and why.
local function show_missing(ui, rows)
  for job in lost.jobs(rows, { models = true }) do
    ui:print("%-10s %-24s %s", "model", job.name, models.reason(job))
  end
  for job in rows:jobs { samples = true } do
    ui:print("%-10s %-24s %s", "samples", job.name, samples.reason(job))
  end
end

local function models_missing_of(rows, counts)
  return model_states.count_missing(counts, rows:count_models(), rows:models_folder())
    + lost.count(rows)
end

-- The exit status that says how the batch is, not whether it could be shown.
local function status_of(counts, sum, sample_counts, missing)
  if counts.needs_review or sample_counts.submitting then
    return exit_status.ambiguous
  end
  local done = (counts.serving or 0) + (counts.abandoned or 0)
  return (done < sum.jobs or missing > 0) and exit_status.failed or exit_status.ok
end

function status_command.run(arguments, ui)
  local journal <close> = require("novita.cli.journal").view(arguments.journal)
  if arguments.watch or arguments.events then
    require "novita.cli.batch.watch"(ui, journal.rows)
  end
  local counts, jobs, quiet = journal.rows:counts(), json.list {}, false
  for job in lost.jobs(journal.rows) do
    local minutes = attention.quiet_minutes(journal.rows, job, os.time())
    quiet = quiet or minutes ~= nil
    if arguments.all or job.stage ~= "serving" then
      show(ui, job, minutes)
    end
    if ui.json then
      jobs[#jobs + 1] = facts_of(job, minutes)
    end
  end
  local runners = show_runners(ui, journal.rows)
  for _, text in ipairs(journal.rows:waiting_texts()) do
    ui:print("%-10s %s", "waiting", text)
  end
  show_missing(ui, journal.rows)
  show_idle(ui, journal.rows, quiet)
  local failures = show_failures(ui, journal.rows)
  local sum, sample_counts = stages.sum(counts), journal.rows:count_samples()
  local missing = samples.count_missing(sample_counts)
  local models_missing = models_missing_of(journal.rows, counts)
  ui:print("%s: %s%s%s", stages.jobs(sum.jobs), stages.text(counts),
    missing > 0 and "; " .. samples.text(missing) or "",
    models_missing > 0 and "; " .. models.text(models_missing) or "")
  ui:result { batch = journal.rows.id, counts = counts, jobs = jobs, total = sum,
    samples_missing = missing, models_missing = models_missing, failures = failures,
    runners = runners[1] and runners or nil,
    waiting = journal.rows.is_shared and json.list(journal.rows:waiting()) or nil }
  local interrupted = exit_status[ui.interrupt:check()]
  return interrupted or arguments.exit_status
    and status_of(counts, sum, sample_counts, missing + models_missing) or exit_status.ok
end

return status_command
