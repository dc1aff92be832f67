--- Batches: many trainings in a journal that survives a kill at any instant. None is lost, and none
--- is paid for twice.
--
--     local batch <close> = assert(novita.batch {
--       journal = "run.db", client = client, jobs = "people/",
--       defaults = { task_type = "subject", base_model = "v1-5-pruned-emaonly", size = 512,
--                    instance_prompt = "a photo of {name}", class_prompt = "person" },
--     })
--     print(batch:dry_run())                   -- what a run would do
--     local summary = assert(batch:run({ concurrency = 8 }):wait())
--
-- Started again with the same journal, it continues where it stopped: see docs/batch.md.

local Batch = require "novita.batch.batch"
local batch_options = require "novita.batch.options"
local catch_journal = require "novita.batch.catch_journal"
local errors = require "novita.base.error"
local usage_error = require "novita.schema.usage_error"

---@class novita.BatchOptions
---@field journal string a file, which is created if it does not exist; or the postgresql:// URI of a
--- database that several machines share (docs/fleet.md)
---@field read_only? boolean opens the journal for reading, even while a runner works on it: such a
--- batch has `dry_run`, `status`, `jobs` and `close`
---@field jobs? string|table[] a folder of folders (or of the photos of one training), a .json or
--- .csv file, or a list of tables as for client:train. Jobs that are in the journal already stay as
--- they are. Without it, the batch has only the jobs of the journal
---@field defaults? table fields for every job; {name} in a text stands for the job's name
---@field client? novita.Client required for `run`
---@field max_jobs? integer refuse a plan with more jobs than this
---@field again? boolean train and pay again if a job has other settings than those that something
--- was paid for under its name, or if another batch has trained it; the earlier training stays
---@field replace? boolean the same, but the earlier training is given up. Without one of the two,
--- such a plan is refused. If nothing was paid for, new settings take the place of the earlier ones

local function too_many(count, most)
  return errors.new {
    kind = "file",
    code = "too_many_jobs",
    message = ("%d jobs planned, but max_jobs is %d: nothing was started"):format(count, most),
  }
end

local function add_jobs(self, given)
  local planner = require "novita.batch.plan"
  local entries, err = require("novita.batch.job_sources").read(given.jobs, given.defaults)
  local jobs, warnings
  if entries then
    jobs, err, warnings = planner.read(entries, self.journal)
  end
  if not jobs then
    return nil, err
  elseif given.max_jobs and #jobs > given.max_jobs then
    return nil, too_many(#jobs, given.max_jobs)
  end
  local notes
  self.added, notes = require("novita.batch.changed_jobs").plan(self.journal, jobs, given)
  if not self.added then
    return nil, notes
  end
  self.notes = notes
  self.job_id = #jobs == 1 and (jobs[1].known or self.journal:id_of(jobs[1].key)) or nil
  if self.client then
    self.client:warn(warnings)
    self.client:warn(notes)
  end
  return true
end

local function open(given)
  local journals = require "novita.batch.journal"
  local loop = given.client and given.client.loop
  local journal, err
  if given.read_only then
    journal, err = journals.view(given.journal)
  else
    journal, err = journals.open(given.journal, nil, loop)
  end
  if not journal then
    return nil, err
  end
  local self = setmetatable({
    id = journal.id, journal = journal, client = given.client, read_only = given.read_only,
    again = given.again, added = 0, notes = {},
  }, Batch)
  if given.client then
    given.client:warn { journal:warning() }
  end
  local ok = true
  if given.jobs then
    ok, err = catch_journal(add_jobs, self, given)
  end
  if not ok then
    self:close()
    return nil, err
  end
  return self
end

--- Opens a batch and plans its jobs. Nothing is sent.
---@param options novita.BatchOptions
---@return novita.Batch?
---@return novita.Error? err kind "journal" (code "locked": another runner works on it), or "file"
--- if the plan cannot be read or a job is wrong; then nothing was planned. Code "other_settings":
--- see `again`
local function batch(options)
  return open(usage_error.raise_at_caller(1, batch_options.check_batch, options))
end

return batch
