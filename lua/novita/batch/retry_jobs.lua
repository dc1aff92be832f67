--- Jobs that did not end well: the user retries or abandons them.

local job_end = require "novita.batch.job_end"
local lost = require "novita.batch.models.lost"
local samples = require "novita.batch.samples"
local stages = require "novita.batch.stages"
local task_names = require "novita.batch.task_names"

local retry_jobs = {}

local retryable, abandonable = {}, {}
for _, stage in ipairs(stages.all) do
  retryable[stage] = stages.is_unsuccessful(stage)
  abandonable[stage] = retryable[stage] or stages.is_unpaid(stage)
end

local function picked(journal, filter, field, allowed)
  local jobs = {}
  for job in journal:jobs(filter) do
    jobs[#jobs + 1] = allowed[job[field]] and job or nil
  end
  return jobs
end

--- The fields of a job that is trained again, under a new name if it was submitted before.
---@param job novita.batch.Row
---@param batch string
---@return table<string, any>
function retry_jobs.anew(job, batch)
  local attempt = job.task_id and job.attempt + 1 or job.attempt
  return {
    stage = "planned",
    attempt = attempt,
    task_name = task_names.of_attempt(job, batch, attempt),
    task_id = false, error = false, ended_at = false, submitted_at = false, intent_at = false,
    misses = 0,
  }
end

-- Only a training that the service itself has ended is paid for again: any other one may still run
-- there, so it is watched again; a miss marks that it is unclear. If the response to its paid
-- request was lost, it may exist there, so the run first looks for it under its present name.
local function retry_one(journal, job)
  if job.task_id and not job_end.is_over(job) then
    return journal:set(job, { stage = "unknown", error = false, ended_at = false,
      misses = job_end.is_unclear(job) and 1 or 0 })
  elseif job.stage == "needs_review" then
    return journal:set(job, { stage = "submitting", error = false, ended_at = false, misses = 0 })
  elseif job_end.doubts_photos(job) then
    journal:forget_photos(job)
  end
  journal:set(job, retry_jobs.anew(job, journal.id))
end

-- One time for all: a transaction that is repeated must find what it has written before.
local function abandoning()
  local now = os.time()
  return function(journal, job)
    journal:set(job, { stage = "abandoned", ended_at = now })
  end
end

-- The next run orders the images again. An older journal does not know which ones, so only a run
-- with the option `samples` does.
local function retry_samples(journal, job)
  journal:set(job, { samples_state = job.samples_params and "planned" or false,
    samples_error = false, samples_task_id = false })
end

local function abandon_samples(journal, job)
  journal:set(job, { samples_state = "abandoned", samples_error = false })
end

-- A model that is not there yet is fetched by the next run in any case.
local function retry_model(journal, job)
  journal:set(job, { model_state = false, model_error = false })
end

local function abandon_model(journal, job)
  journal:set(job, { model_state = "abandoned", model_error = false })
end

local function missing_models(journal, filter)
  local jobs = {}
  for job in lost.jobs(journal, filter) do
    jobs[#jobs + 1] = job
  end
  return jobs
end

local function copy_of(job)
  local copy = {}
  for name, value in pairs(job) do
    copy[name] = value
  end
  return copy
end

-- All of them or none, in one transaction: there may be thousands. If its connection is lost it is
-- repeated, and begins from the jobs as they were: a job that is to be looked for must not be taken
-- for one that was looked for.
local function each(journal, jobs, change)
  journal:check_idle()
  journal:together(function()
    for _, job in ipairs(jobs) do
      change(journal, copy_of(job))
    end
  end)
  return #jobs
end

--- Returns jobs to the stage from which the next run tries them again.
---@param journal novita.batch.Journal
---@param filter novita.JobFilter
---@return integer count
function retry_jobs.retry(journal, filter)
  if filter.samples then
    local jobs = picked(journal, filter, "samples_state", samples.retryable)
    return each(journal, jobs, retry_samples)
  elseif filter.models then
    return each(journal, missing_models(journal, filter), retry_model)
  end
  return each(journal, picked(journal, filter, "stage", retryable), retry_one)
end

--- Gives jobs up for good.
---@param journal novita.batch.Journal
---@param filter novita.JobFilter
---@return integer count
function retry_jobs.abandon(journal, filter)
  if filter.samples then
    local jobs = picked(journal, filter, "samples_state", samples.abandonable)
    return each(journal, jobs, abandon_samples)
  elseif filter.models then
    return each(journal, missing_models(journal, filter), abandon_model)
  end
  return each(journal, picked(journal, filter, "stage", abandonable), abandoning())
end

return retry_jobs
