--- The stages of a job: those of a task, and four that only a journal has.
--
--     planned -> preparing -> uploading -> ready -> submitting -> unknown -> queuing -> training
--     -> deploying -> serving
--
-- or failed, canceled, needs_review, abandoned. `submitting` is written before the paid request is
-- sent: if a job is found in this stage, its task may or may not exist. From `unknown` on the
-- service has the task; it is `unknown` until the service has said more.

local counted = require "novita.base.counted"

local stages = {
  unpaid = { "planned", "preparing", "uploading", "ready" },
  paid = { "submitting", "unknown", "queuing", "training", "deploying" },
  final = { "serving", "failed", "canceled", "needs_review", "abandoned" },
  open = {}, -- paid and unpaid ones
  --- The ends that a person may change with `retry` or `abandon`.
  unsuccessful = { "failed", "canceled", "needs_review" },
}

--- All of them, in order.
stages.all = {}

local kind_of = {}
for _, kind in ipairs { "unpaid", "paid", "final" } do
  for _, stage in ipairs(stages[kind]) do
    kind_of[stage], stages.all[#stages.all + 1] = kind, stage
    stages.open[#stages.open + 1] = kind ~= "final" and stage or nil
  end
end

--- Whether it is certain that nothing was paid for a job yet.
---@param stage string
---@return boolean
function stages.is_unpaid(stage)
  return kind_of[stage] == "unpaid"
end

--- Whether the service has the task of a job, and has not ended it as far as the journal knows.
---@param stage string
---@return boolean
function stages.is_at_service(stage)
  return kind_of[stage] == "paid" and stage ~= "submitting"
end

--- Whether a job has ended: only the user can change it now.
---@param stage string
---@return boolean
function stages.is_final(stage)
  return kind_of[stage] == "final"
end

--- How many jobs have a training that was paid for, at least: it continues or has a model.
---@param counts table<string, integer> by stage
---@return integer
function stages.count_trained(counts)
  local trained = counts.serving or 0
  for stage, count in pairs(counts) do
    trained = trained + (stages.is_at_service(stage) and count or 0)
  end
  return trained
end

local is_unsuccessful = {}
for _, stage in ipairs(stages.unsuccessful) do
  is_unsuccessful[stage] = true
end

--- Whether a job has ended without a model and is not given up.
---@param stage string
---@return boolean
function stages.is_unsuccessful(stage)
  return is_unsuccessful[stage] or false
end

---@class novita.batch.Sum
---@field jobs integer
---@field ended integer
---@field open integer that have not ended
---@field serving integer
---@field unsuccessful integer failed, canceled or needs_review

--- Adds up the numbers of jobs by stage.
---@param counts table<string, integer> by stage
---@return novita.batch.Sum
function stages.sum(counts)
  local jobs, ended, unsuccessful = 0, 0, 0
  for stage, count in pairs(counts) do
    jobs = jobs + count
    ended = ended + (stages.is_final(stage) and count or 0)
    unsuccessful = unsuccessful + (is_unsuccessful[stage] and count or 0)
  end
  return { jobs = jobs, ended = ended, open = jobs - ended, serving = counts.serving or 0,
    unsuccessful = unsuccessful }
end

--- A number of jobs as text: "1 job", "2 jobs".
---@param count integer
---@return string
function stages.jobs(count)
  return counted(count, "job")
end

--- "3 training, 12 serving, 1 failed"
---@param counts table<string, integer>
---@return string
function stages.text(counts)
  local parts = {}
  for _, kind in ipairs { stages.unpaid, stages.paid, stages.final } do
    for _, stage in ipairs(kind) do
      if (counts[stage] or 0) > 0 then
        parts[#parts + 1] = ("%d %s"):format(counts[stage], stage)
      end
    end
  end
  return parts[1] and table.concat(parts, ", ") or "no jobs"
end

return stages
