--- The states of a job.
--
--     planned -> preparing -> uploading -> ready -> intent -> submitted -> running -> serving
--
-- or failed, canceled, parked, abandoned. `intent` is written before the paid call is made:
-- a job found in it may have been created, or not.

local states = {
  unpaid = { "planned", "preparing", "uploading", "ready" },
  paid = { "intent", "submitted", "running" },
  final = { serving = true, failed = true, canceled = true, parked = true, abandoned = true },
}

--- How many jobs have not ended.
---@param counts table<string, integer>
---@return integer
function states.open_jobs(counts)
  local open = 0
  for state, count in pairs(counts) do
    open = open + (states.final[state] and 0 or count)
  end
  return open
end

return states
