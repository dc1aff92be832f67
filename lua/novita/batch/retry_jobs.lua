--- Jobs that did not end well: the user retries or abandons them.

local plan = require "novita.batch.plan"

local retry_jobs = {}

local retryable = { failed = true, canceled = true, needs_review = true }
local abandonable = {
  planned = true, preparing = true, uploading = true, ready = true, failed = true,
  canceled = true, needs_review = true,
}

local function picked(journal, which, allowed)
  local jobs = {}
  if math.type(which) == "integer" then
    local job = journal:job(which)
    jobs[1] = job and allowed[job.state] and job or nil
    return jobs
  end
  for job in journal:jobs(which) do
    jobs[#jobs + 1] = allowed[job.state] and job or nil
  end
  return jobs
end

-- A training that hit job_timeout continues at the service and must not be paid for again. One that
-- needs review may exist there, so the run first looks for it under its present name.
local function retry_one(journal, job)
  if job.state == "needs_review" then
    return journal:set(job, { state = "submitting", error = false, ended_at = false })
  elseif job.error and job.error.code == "deadline" then
    return journal:set(job, { state = "running", error = false, ended_at = false })
  end
  local attempt = job.task_id and job.attempt + 1 or job.attempt
  journal:set(job, {
    state = "planned",
    attempt = attempt,
    task_name = plan.task_name(job.name, journal.id, job.key, attempt),
    task_id = false, error = false, ended_at = false, submitted_at = false, intent_at = false,
  })
end

local function abandon_one(journal, job)
  journal:set(job, { state = "abandoned", ended_at = os.time() })
end

-- All of them or none, in one transaction: there may be thousands.
local function each(journal, jobs, change)
  journal:together(function()
    for _, job in ipairs(jobs) do
      change(journal, job)
    end
  end)
  return #jobs
end

--- Returns jobs to the state from which the next run tries them again.
---@param journal novita.batch.Journal
---@param which string|integer a state or a seq
---@return integer count
function retry_jobs.retry(journal, which)
  return each(journal, picked(journal, which, retryable), retry_one)
end

--- Gives jobs up for good.
---@param journal novita.batch.Journal
---@param which string|integer a state or a seq
---@return integer count
function retry_jobs.abandon(journal, which)
  return each(journal, picked(journal, which, abandonable), abandon_one)
end

return retry_jobs
