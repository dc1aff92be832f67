--- Finds the job of a training by its params. A job that is in the journal is continued or has
--- ended; it is paid for again only if the user says so.
--
-- Each time a training is paid for again, it gets another job, whose key is the hash of the first
-- job's key and a number. So that job is found again, and the earlier model stays in the journal.

local core = require "novita.core"
local job_end = require "novita.batch.job_end"
local photo_paths = require "novita.batch.journal.photo_paths"
local retry_jobs = require "novita.batch.retry_jobs"
local stages = require "novita.batch.stages"
local submit = require "novita.batch.submit"
local task_names = require "novita.batch.task_names"

local claim = {}

local function key_again(key, count)
  return core.sha256():add(("%s again %d"):format(key, count)):hex()
end

--- The last job of a training, which may have been paid for again.
---@param journal novita.batch.Journal
---@param id integer of its first job
---@return novita.batch.Row last
---@return novita.batch.Row first
---@return integer count how often it was paid for again
function claim.latest(journal, id)
  local first, count = assert(journal:job(id)), 0
  local last = first
  while true do
    local again = journal:id_of(key_again(first.key, count + 1))
    if not again then
      return last, first, count
    end
    last, count = assert(journal:job(again)), count + 1
  end
end

--- Whether the service has, or may have, the training of a job.
---@param job novita.batch.Row
---@return boolean
function claim.may_be_paid(job)
  return job.task_id ~= nil or job.stage == "submitting" or job.stage == "needs_review"
    or job.misses > 0
end

--- Gives the job of a training new params and a new key, and so for each time that it was paid for
--- again.
---@param journal novita.batch.Journal
---@param first novita.batch.Row
---@param key string
---@param params string as the journal has them
function claim.move(journal, first, key, params)
  local id, new, count = first.id, key, 0
  repeat
    journal:move(id, new, params)
    count = count + 1
    id, new = journal:id_of(key_again(first.key, count)), key_again(key, count)
  until not id
end

--- The hash of the task name of a training that is paid for again.
---@param first novita.batch.Row
---@param count integer
---@return string
function claim.hash_again(first, count)
  local read = task_names.read(first.task_name)
  return key_again(read and read.hash or first.key, count)
end

--- Plans a training that is paid for again.
---@param journal novita.batch.Journal
---@param first novita.batch.Row
---@param count integer how often it was paid for again, with this one
---@return novita.batch.Row
function claim.plan_again(journal, first, count)
  local key = key_again(first.key, count)
  journal:plan { {
    key = key,
    name = first.name,
    task_name = task_names.new(first.name, journal.id, claim.hash_again(first, count), 0),
    task_type = first.task_type,
    params = assert(journal:text(first.params)),
    photos = photo_paths.list(first.params),
  } }
  return journal:job(journal:id_of(key))
end

local retryable = { failed = true, needs_review = true }

-- Whether the next run may simply try an ended job again: nothing was paid for, or its training may
-- still be at the service. If that is unclear, a person may decide to pay.
local function may_retry(job, again)
  return retryable[job.stage] and not (job.task_id and job_end.is_over(job))
    and not (again and job_end.is_unclear(job))
end

-- Whether the response to the paid request of a job was lost, and no run since has found out more.
local function is_reviewed(job)
  return job.stage == "needs_review" and not job.task_id
    or job.stage == "submitting" and job.misses >= submit.MISSES_MOST
end

-- Lets the run look for a job that needed review. If the job is not found, and no person has
-- decided to pay, it needs review again; after an interruption the next run does the same.
local function look_again(journal, reviewed, again)
  local job = journal:together(function()
    retry_jobs.retry(journal, { id = reviewed.id })
    local job = assert(journal:job(reviewed.id))
    journal:set(job, { misses = again and 0 or submit.MISSES_MOST })
    return job
  end)
  return job, again and "resubmit_anyway" or "needs_review"
end

--- Returns the job to run. If it has ended, there is nothing to do: its training was paid for, or
--- given up, and `again` was not set.
---@param journal novita.batch.Journal
---@param id integer of the job of these params
---@param again? boolean pay for one more training, if the last one has ended
---@return novita.batch.Row job
---@return string? if_not_listed for a job that needed review: without `again` it may run, but not
--- be paid for; with `again` a person has decided
function claim.job(journal, id, again)
  local job, first, count = claim.latest(journal, id)
  if is_reviewed(job) then
    return look_again(journal, job, again)
  elseif not stages.is_final(job.stage) then
    return job
  elseif may_retry(job, again) then
    retry_jobs.retry(journal, { id = job.id })
    return assert(journal:job(job.id))
  elseif again then
    return claim.plan_again(journal, first, count + 1)
  end
  return job
end

return claim
