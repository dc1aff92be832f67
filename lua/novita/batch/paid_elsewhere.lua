--- Trainings in the service's list that the journal does not know, although they may be those of
--- its jobs. Before the first payment of a run, a person decides about them.
--
-- The hash in a task's name does not depend on the batch (novita.batch.task_names). So the list
-- shows that the jobs of a journal were trained with another one: the journal before was deleted,
-- or a folder was trained by itself first. And if a copy of a journal was restored, a job may have
-- been corrected that was paid for after the copy: then the list has a training of this batch with
-- the job's name and a hash that the journal does not know.

local errors = require "novita.base.error"
local names_text = require "novita.batch.names"
local stages = require "novita.batch.stages"

local AGAIN <const> = "train and pay again (--again, again = true)"
local AGAIN_ONCE <const> = "train and pay again (again = true; remove it after one run, because it "
  .. "pays in each run)"

-- A job of a batch is only paid for again if it is planned; a script has its params in each run.
local function again(run)
  return run.is_batch and AGAIN or AGAIN_ONCE
end

-- Calls `found(job)` for each job of the run that this journal has never asked the service for, and
-- about which no person has decided.
local function each_new(run, found)
  local decided = run.journal:decided_again()
  for _, stage in ipairs(stages.unpaid) do
    for job in run.journal:jobs { stage = stage, id = run.options.only } do
      if job.posts == 0 and job.attempt == 0 and job.id > decided then
        found(job)
      end
    end
  end
end

local function refusal(run, code, text, ...)
  return errors.new {
    kind = "journal",
    code = code,
    message = ("journal %s: " .. text):format(run.journal.path, ...),
  }
end

local function of_other_batch(run, batch, names)
  local choice = run.journal:has_tasks() and "give up what was trained, or "
    or "use that journal (novita recover rebuilds a lost one), or "
  local err = refusal(run, "other_batch", "another journal has trained these jobs (batch %s): %s; "
    .. "this run has paid for nothing: %s", batch, names_text(names), choice .. again(run))
  err.batch = batch
  return err
end

local function of_other_settings(run, names)
  return refusal(run, "other_settings", "the list of trainings has these jobs with other settings, "
    .. "which this journal does not know (it may be an older copy): %s; this run has paid for "
    .. "nothing: %s", names_text(names), again(run))
end

local function find(run)
  local list, batch, others, changed = run.task_list, nil, {}, {}
  local unknown = run.is_batch and list:unknown(run.journal) or {}
  if not list:has_others() and not next(unknown) then
    return nil
  end
  each_new(run, function(job)
    local other = not list:known(job) and list:other_batch(job)
    if other then
      batch, others[#others + 1] = batch or other, job.name
    elseif not list:known(job) and list:is_namesake(job, unknown) then
      changed[#changed + 1] = job.name
    end
  end)
  return others[1] and of_other_batch(run, batch, others)
    or changed[1] and of_other_settings(run, changed) or nil
end

local paid_elsewhere = {}

--- Looks for trainings of the run's jobs that its journal does not know, once in a run. The list
--- has been read.
---@param run novita.batch.Runner|novita.batch.RecordedRun
---@return boolean? clear
---@return novita.Error? err code "other_batch" or "other_settings": nothing was paid for
function paid_elsewhere.check(run)
  if run.is_clear then
    return true
  elseif run.options.again then
    if not run.options.only then -- the next run continues with the others without asking
      run.journal:decide_again()
    end
  else
    local err = find(run)
    if err then
      return nil, err
    end
  end
  run.is_clear = true
  return true
end

return paid_elsewhere
