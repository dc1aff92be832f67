--- The states of a job.
--
--     planned -> preparing -> uploading -> ready -> submitting -> submitted -> running -> serving
--
-- or failed, canceled, needs_review, abandoned. `submitting` is written before the paid request is
-- sent: if a job is found in this state, its task may or may not exist.

local schema = require "novita.schema.schema"

local states = {
  unpaid = { "planned", "preparing", "uploading", "ready" },
  paid = { "submitting", "submitted", "running" },
  final = { "serving", "failed", "canceled", "needs_review", "abandoned" },
}

local kind_of, all = {}, {}
for _, kind in ipairs { "unpaid", "paid", "final" } do
  for _, state in ipairs(states[kind]) do
    kind_of[state], all[#all + 1] = kind, state
  end
end

---@type novita.Rule
local rule = { type = "string", values = all }

--- Refuses a word that is not a state. Only for use inside a check (see novita.schema.usage_error).
---@param state any
---@return string state
function states.check(state)
  return (schema.apply(rule, state, { path = "state" }))
end

--- Whether it is certain that nothing was paid for a job yet.
---@param state string
---@return boolean
function states.is_unpaid(state)
  return kind_of[state] == "unpaid"
end

--- Whether a job has ended: only the user can change it now.
---@param state string
---@return boolean
function states.is_final(state)
  return kind_of[state] == "final"
end

---@class novita.batch.Sum
---@field jobs integer
---@field ended integer
---@field open integer that have not ended
---@field serving integer
---@field trouble integer failed, canceled or needs_review

--- Adds up the numbers of jobs by state.
---@param counts table<string, integer> by state
---@return novita.batch.Sum
function states.sum(counts)
  local jobs, ended = 0, 0
  for state, count in pairs(counts) do
    jobs = jobs + count
    ended = ended + (states.is_final(state) and count or 0)
  end
  local serving = counts.serving or 0
  return { jobs = jobs, ended = ended, open = jobs - ended, serving = serving,
    trouble = ended - serving - (counts.abandoned or 0) }
end

--- A number of jobs as text: "1 job", "2 jobs".
---@param count integer
---@return string
function states.jobs(count)
  return count == 1 and "1 job" or ("%d jobs"):format(count)
end

--- "3 running, 12 serving, 1 failed"
---@param counts table<string, integer>
---@return string
function states.text(counts)
  local parts = {}
  for _, kind in ipairs { states.unpaid, states.paid, states.final } do
    for _, state in ipairs(kind) do
      if (counts[state] or 0) > 0 then
        parts[#parts + 1] = ("%d %s"):format(counts[state], state)
      end
    end
  end
  return parts[1] and table.concat(parts, ", ") or "no jobs"
end

return states
