--- Finds what a person should check in a batch: jobs without progress, and failures with what to do
--- about them. It only reads the journal.

local counted = require "novita.base.counted"
local error_codes = require "novita.http.error_codes"
local job_end = require "novita.batch.job_end"
local stages = require "novita.batch.stages"

--- QUIET: seconds without progress after which a job is named. The service says that a training
--- takes about 10 minutes.
local attention = { QUIET = 20 * 60 }

-- {====== jobs without progress ======

local function last_event(journal, row)
  local events = journal:events(row)
  return events[1] and events[#events].at
end

--- The minutes since a job in progress entered its stage, or since the service reported a higher
--- percentage, if they are many.
---@param journal novita.batch.Journal
---@param row novita.batch.Row
---@param now number unix seconds
---@return integer? minutes
function attention.quiet_minutes(journal, row, now)
  if row.stage == "planned" or stages.is_final(row.stage) then
    return nil
  end
  local at = math.max(last_event(journal, row) or row.planned_at, row.progress_at or 0)
  return now - at >= attention.QUIET and math.floor((now - at) / 60) or nil
end

--- "no progress for 47 minutes"
---@param minutes integer
---@return string
function attention.quiet_text(minutes)
  return "no progress for " .. counted(minutes, "minute")
end

-- }======

-- {====== failures ======

-- Advice for each kind of failure; %s is the command that retries it.
local advice = {
  lost = "look for their names in `novita list`; if they are not there, `%s --if-not-listed "
    .. "resubmit_anyway` pays again",
  review = "they were paid for: look for them in `novita list`, then `%s`",
  photos = "correct their photos, then `%s`",
  deadline = "they continue at the service: `%s` waits for them again",
  ended = "the service has ended them, and they were paid for: check their photos with `novita "
    .. "check`, then `%s` pays again",
  account = "check the key and the balance with `novita doctor` and `novita balance`, then `%s`",
  network = "nothing was paid for: when the connection works, `%s`",
  refused = "the service refuses what was asked for: correct the job's settings, then `%s`",
}

local connection = { network = true, tls = true, timeout = true, http = true }

local function advice_for(row)
  local err = row.error or {}
  if row.stage == "needs_review" then
    return row.task_id and "review" or "lost"
  elseif err.code == "deadline" then
    return "deadline"
  elseif job_end.is_over(row) then
    return "ended"
  elseif err.kind == "image" or err.kind == "file" then
    return "photos"
  elseif error_codes.is_account(err) then
    return "account"
  end
  return connection[err.kind] and "network" or "refused"
end

---@class novita.batch.FailureGroup
---@field stage "failed"|"canceled"|"needs_review"
---@field code string of the error
---@field reason string the message, of the first job if they differ
---@field advice string what to do
---@field jobs string[] their names
---@field rows novita.batch.Row[]

local function add(groups, row, command)
  local err, kind = row.error or {}, advice_for(row)
  local code = err.code or "unknown"
  local key = table.concat({ row.stage, kind, code }, "\0")
  local group = groups[key]
  if not group then
    group = { stage = row.stage, code = code, reason = err.message or "no reason given",
      advice = advice[kind]:format(("%s --retry %s"):format(command, row.stage)), jobs = {},
      rows = {} }
    groups[key], groups[#groups + 1] = group, group
  end
  group.jobs[#group.jobs + 1], group.rows[#group.rows + 1] = row.name, row
end

--- Groups the jobs that have ended without a model by their reason, the largest group first.
---@param rows fun(): novita.batch.Row? an iterator
---@param command string that continues the batch: "novita resume run.db"
---@return novita.batch.FailureGroup[]
function attention.failures(rows, command)
  local groups = {}
  for row in rows do
    if stages.is_unsuccessful(row.stage) then
      add(groups, row, command)
    end
  end
  table.sort(groups, function(a, b)
    if #a.rows ~= #b.rows then
      return #a.rows > #b.rows
    end
    return a.rows[1].id < b.rows[1].id
  end)
  return groups
end

local NAMES_MOST <const> = 5

--- "2 failed (FAILED): anna, bo"
---@param group novita.batch.FailureGroup
---@return string
function attention.heading(group)
  local names, rest = group.jobs, #group.jobs - NAMES_MOST
  local text = table.concat(names, ", ", 1, math.min(#names, NAMES_MOST))
  return ("%d %s (%s): %s%s"):format(#names, group.stage, group.code, text,
    rest > 0 and (" and %d more"):format(rest) or "")
end

-- }======

return attention
