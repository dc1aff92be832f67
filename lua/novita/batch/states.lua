--- The states of a job.
--
--     planned -> preparing -> uploading -> ready -> intent -> submitted -> running -> serving
--
-- or failed, canceled, parked, abandoned. `intent` is written before the paid call is made:
-- a job found in it may have been created, or not.

local states = {
  unpaid = { "planned", "preparing", "uploading", "ready" },
  paid = { "intent", "submitted", "running" },
  final = { "serving", "failed", "canceled", "parked", "abandoned" },
}

local kind_of = {}
for _, kind in ipairs { "unpaid", "paid", "final" } do
  for _, state in ipairs(states[kind]) do
    kind_of[state] = kind
  end
end

--- Whether nothing was paid for a job yet, for certain.
---@param state string
---@return boolean
function states.is_unpaid(state)
  return kind_of[state] == "unpaid"
end

--- Whether nothing more happens to a job by itself.
---@param state string
---@return boolean
function states.is_final(state)
  return kind_of[state] == "final"
end

---@class novita.batch.Sum
---@field jobs integer
---@field ended integer
---@field open integer those that have not
---@field serving integer
---@field trouble integer failed, canceled or parked

--- What the numbers come to.
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

--- So many jobs, for people.
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
