--- Jobs that did not end well: tried again, or given up, by a person's wish.

local plan = require "novita.batch.plan"

local again = {}

local repeatable = { failed = true, canceled = true, parked = true }
local given_up = {
  planned = true, preparing = true, uploading = true, ready = true, failed = true,
  canceled = true, parked = true,
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

-- A training that was given up here but goes on at the service must not be paid again; a parked
-- one may be there, so it is looked for first, under the name that it has.
local function retry_one(journal, job)
  if job.state == "parked" then
    return journal:set(job, { state = "intent", error = false, ended_at = false })
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

-- All of them or none, in one go: there may be thousands.
local function each(journal, jobs, change)
  journal:together(function()
    for _, job in ipairs(jobs) do
      change(journal, job)
    end
  end)
  return #jobs
end

---@param journal novita.batch.Journal
---@param which string|integer
---@return integer
function again.retry(journal, which)
  return each(journal, picked(journal, which, repeatable), retry_one)
end

---@param journal novita.batch.Journal
---@param which string|integer
---@return integer
function again.abandon(journal, which)
  return each(journal, picked(journal, which, given_up), abandon_one)
end

return again
