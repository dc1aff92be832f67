--- The sums of a batch over all of its jobs: while it runs, and at the end. As texts they are one
--- line.

local models = require "novita.batch.models.texts"
local samples = require "novita.batch.samples"
local stages = require "novita.batch.stages"

local totals = {}

---@class novita.BatchSummary
---@field counts table<novita.JobStage, integer> jobs by stage
---@field jobs integer
---@field samples_missing integer jobs whose sample images were asked for and are not saved
---@field models_kept integer models whose files are kept
---@field models_missing integer models that serve, are to be kept and are not
---@field stopped boolean whether `cancel`, max_trainings or the budget ended the run; if it was the
--- budget, `budget.exhausted` or `budget.problem` says why
---@field budget? { usd: number, paid: number, left: number, payments: integer, unpriced: integer,
--- trainings: integer, unbudgeted: integer, exhausted?: string, problem?: string } in USD; paid: at
--- most; trainings: of the payments; unbudgeted: trainings of runs without a budget, which are not
--- in it; exhausted: what did not fit; problem: why nothing more was paid for
---@field seconds number
local Summary = { __name = "novita.BatchSummary" }

local function how_stopped(summary)
  local budget = summary.budget
  return "; the run was stopped"
    .. (budget and (budget.exhausted or budget.problem) and " by its budget" or "")
end

function Summary.__tostring(summary)
  local missing, models_missing = summary.samples_missing, summary.models_missing
  return ("%s: %s%s%s%s"):format(stages.jobs(summary.jobs), stages.text(summary.counts),
    missing > 0 and "; " .. samples.text(missing) or "",
    models_missing > 0 and "; " .. models.text(models_missing) or "",
    summary.stopped and how_stopped(summary) or "")
end

---@class novita.BatchStatus
---@field counts table<novita.JobStage, integer> jobs by stage
---@field jobs integer
---@field ended integer in a final stage
---@field samples_missing integer jobs whose sample images were asked for and are not saved
---@field models_kept integer models whose files are kept
---@field models_missing integer models that serve, are to be kept and are not
---@field active novita.Job[] jobs in progress, by id
---@field per_minute? number jobs ended per minute in this run
---@field eta? number seconds until all jobs have ended, at this rate
---@field stopping boolean
local Status = { __name = "novita.BatchStatus" }

function Status.__tostring(status)
  return ("%d of %s ended: %s"):format(status.ended, stages.jobs(status.jobs),
    stages.text(status.counts))
end

--- Makes the summary of a run.
---@param facts table
---@return novita.BatchSummary
function totals.summary(facts)
  return setmetatable(facts, Summary)
end

--- Makes the status of a batch.
---@param facts table
---@return novita.BatchStatus
function totals.status(facts)
  return setmetatable(facts, Status)
end

return totals
