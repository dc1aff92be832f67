--- The states of a batch's jobs, and what a person wants to know about their numbers.

local tally = {}

--- All states, in the order in which a job goes through them.
tally.states = {
  "planned", "preparing", "uploading", "ready", "intent", "submitted", "running",
  "serving", "failed", "canceled", "parked", "abandoned",
}

local final = { serving = true, failed = true, canceled = true, parked = true, abandoned = true }

--- Whether nothing more happens to a job by itself.
---@param state string
---@return boolean
function tally.is_final(state)
  return final[state] == true
end

---@param counts table<string, integer>
---@return { jobs: integer, ended: integer, serving: integer, trouble: integer, open: integer }
function tally.sum(counts)
  local jobs, ended = 0, 0
  for state, count in pairs(counts) do
    jobs = jobs + count
    ended = ended + (final[state] and count or 0)
  end
  local serving = counts.serving or 0
  return {
    jobs = jobs,
    ended = ended,
    serving = serving,
    trouble = ended - serving - (counts.abandoned or 0),
    open = jobs - ended,
  }
end

--- "12 serving, 3 running, 1 failed"
---@param counts table<string, integer>
---@return string
function tally.text(counts)
  local parts = {}
  for _, state in ipairs(tally.states) do
    if (counts[state] or 0) > 0 then
      parts[#parts + 1] = ("%d %s"):format(counts[state], state)
    end
  end
  return parts[1] and table.concat(parts, ", ") or "no jobs"
end

return tally
